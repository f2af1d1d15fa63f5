import { isOfAnswer, noteAsked } from '../failures/asked.js'

/** Remembers whether a service has ever responded, and attaches to the errors of its calls which service was called. */
export class Contact {
  readonly #region: () => Promise<string | undefined> | string | undefined
  #hasAnswered = false

  /** `region` returns the name of the Region, if known. It is called only after a failure. */
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

  /** Attaches it to errors, also those that are part of a response. */
  async noteOn(errors: readonly unknown[]): Promise<void> {
    if (errors.length === 0) return
    const asked = { region: await this.#region(), hasAnswered: this.#hasAnswered }
    for (const error of errors) noteAsked(error, asked)
  }
}
