import { isOfAnswer, noteAsked } from '../failures/asked.js'

/** Remembers whether a service has ever answered, and notes on what its calls throw whom they have asked. */
export class Contact {
  readonly #region: () => Promise<string | undefined> | string | undefined
  #hasAnswered = false

  /** `region` names the Region, if it is known. It is asked for after a failure only. */
  constructor(region: () => Promise<string | undefined> | string | undefined) {
    this.#region = region
  }

  async watch<T>(call: Promise<T>): Promise<T> {
    try {
      const answer = await call
      this.#hasAnswered = true
      return answer
    } catch (thrown) {
      this.#hasAnswered ||= isOfAnswer(thrown)
      await this.noteOn([thrown])
      throw thrown
    }
  }

  /** Notes it on errors that an answer has brought, too. */
  async noteOn(errors: readonly unknown[]): Promise<void> {
    if (errors.length === 0) return
    const asked = { region: await this.#region(), hasAnswered: this.#hasAnswered }
    for (const error of errors) noteAsked(error, asked)
  }
}
