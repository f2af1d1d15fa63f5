import type { SecretRequest, SecretSource, SecretValue, SecretValues } from '../../src/index.js'
import { FakeSecretsManager, type SecretLabelUpdatedEvent } from '../../src/testing/index.js'
import { leftRecentlyMs } from './settings.js'
import { type Asked, current, type Subject, type Version, type View, viewOf } from './subjects.js'
import { type Moment, microtasks, type Timeline } from './timeline.js'
import { without } from './without.js'

/** What a call came to, as its caller was told. */
type Outcome = { readonly version: Version } | { readonly failed: 'transient' | 'denied' | 'wrong'; readonly name: string }

/** A call of the cache to the service, or a write that it has learned from. */
export interface Call {
  readonly asked: Asked
  readonly view: View
  readonly sent: Moment
  readonly isWrite?: true
  /** The order in which a write was sent: what was sent later has a word in what came after it. */
  readonly begun?: number
  settled?: Moment
  outcome?: Outcome
  /** From here on the cache must have taken it in. */
  noted?: number
}

/** How the service is. */
export interface Weather {
  /** The exception that calls fail with. */
  error?: string | undefined
  /** The only secret that it befalls. */
  only?: Subject | undefined
  /** Calls that are answered as before AWSCURRENT last moved. */
  oldAnswers: number
  /** `held`: an answer waits until it is let go. */
  latency: number | 'held' | 'hang'
}

const otherAccount = '999999999999'
const transient = /^(InternalServiceError|ThrottlingException|TimeoutError)/

/** By then the cache has taken an answer in. */
const takenInAfter = 60

/** Secrets Manager in two accounts, which remembers every call and everything that was ever current. */
export class Service implements Required<Pick<SecretSource, 'get' | 'getMany'>> {
  readonly timeline: Timeline
  readonly subjects: readonly Subject[]
  readonly calls: Call[] = []
  readonly events: { readonly event: SecretLabelUpdatedEvent; readonly version: Version; readonly at: Moment }[] = []
  readonly weather: Weather = { oldAnswers: 0, latency: 0 }
  readonly #versions = new Map<string, Version>()
  readonly #movedAt = new Map<Subject, number>()
  readonly #held: (() => void)[] = []
  /** Timers of answers on their way: not the cache's. */
  pendingTimers = 0
  #number = 0

  constructor(timeline: Timeline) {
    this.timeline = timeline
    const { clock } = timeline
    const own = new FakeSecretsManager({ clock })
    const foreign = new FakeSecretsManager({ clock, accountId: otherAccount })
    const db = this.#subject('db', own, true)
    // Named as another one's ARN ends.
    const lookalike = this.#subject(without.has('lookalike') ? 'other' : `db${db.arns[0]?.slice(-7)}`, own, true)
    this.subjects = [db, this.#subject('key', own, true), lookalike, this.#subject('db', foreign, false)]
  }

  /** The ids of a secret, by which form somebody likes. */
  asked(subject: Subject, form: number): Asked {
    const { name, arns, isOwn } = subject
    const [first = ''] = arns
    const latest = arns.at(-1) ?? ''
    const ids: Asked[] = [
      ...(isOwn ? [{ id: name, form: 'name', subject } as const] : []),
      { id: latest, form: 'full', subject },
      // The service reads a partial ARN that ends like a full one as a full one.
      ...(/-\w{6}$/.test(name) ? [] : [{ id: latest.slice(0, -7), form: 'partial', subject } as const]),
      { id: first, form: 'full', subject },
    ]
    return ids[form % ids.length] as Asked
  }

  /** What an id means that the cache has sent; undefined if nobody ever passed or was shown it. */
  meaningOf(id: string): Asked | undefined {
    for (const subject of this.subjects) {
      if (subject.isOwn && subject.name === id) return { id, form: 'name', subject }
      if (subject.arns.includes(id)) return { id, form: 'full', subject }
    }
    const subject = this.subjects.find(({ arns }) => arns.some(arn => arn.slice(0, -7) === id))
    return subject && { id, form: 'partial', subject }
  }

  versionOf(text: string): Version | undefined {
    return this.#versions.get(text)
  }

  rotate(subject: Subject): void {
    if (!subject.isThere) return
    const text = this.newText(subject)
    const event = subject.fake.rotate(subject.name, text)
    this.#moved(subject, this.learn(subject, text, event.detail.versionId), event)
  }

  rollBack(subject: Subject): void {
    const version = subject.reigns.at(-2)
    if (!subject.isThere || version === undefined || version.arn !== subject.arns.at(-1)) return
    if (version === subject.reigns.at(-1)) return
    this.#moved(subject, version, subject.fake.moveCurrent(subject.name, version.versionId))
  }

  /** Deletes a secret, or makes it again under its name. */
  toggle(subject: Subject): void {
    if (subject.isThere) subject.fake.perform('DeleteSecret', { SecretId: subject.name, ForceDeleteWithoutRecovery: true })
    else this.#create(subject)
    subject.isThere = !subject.isThere
  }

  /** A text that no version has yet. */
  newText(subject: Subject): string {
    this.#number += 1
    return JSON.stringify({ of: subject.name, owner: subject.fake.accountId, number: String(this.#number) })
  }

  /** Remembers a version that is there from now on. */
  learn(subject: Subject, text: string, versionId: string): Version {
    const number = Number(JSON.parse(text).number)
    const version = { number, versionId, text, arn: subject.arns.at(-1) ?? '', subject }
    this.#versions.set(text, version)
    return version
  }

  /** A write from here has come to pass, whether or not its answer arrives. */
  written(subject: Subject, text: string, versionId: string): Version {
    const version = this.learn(subject, text, versionId)
    this.#reign(subject, version)
    return version
  }

  #reign(subject: Subject, version: Version): void {
    subject.reigns.push(version)
    this.#movedAt.set(subject, this.timeline.next().at)
  }

  /** The answer to a write arrives: the cache learns from it as from a call that was sent now, though it is as old as its request. */
  wrote(asked: Asked, version: Version, begun: Moment): Call {
    const settled = this.timeline.next()
    const sent = { ...begun, order: settled.order }
    const call: Call = { asked, view: current, sent, isWrite: true, begun: begun.order, settled, outcome: { version } }
    this.calls.push(call)
    return call
  }

  /** Lets one of the answers go that wait. */
  letGo(which: number): void {
    this.#held.splice(which % Math.max(1, this.#held.length), 1)[0]?.()
  }

  letAllGo(): void {
    for (const answer of this.#held.splice(0)) answer()
  }

  async get(request: SecretRequest, { signal }: { signal: AbortSignal }): Promise<SecretValue> {
    const call = this.#begin(request)
    const answer = this.#answer(request, call.asked)
    return this.#settle([call], signal, () => {
      call.outcome = answer.outcome
      if (answer.error !== undefined) throw answer.error
      return answer.value as SecretValue
    })
  }

  async getMany(secretIds: string[], { signal }: { signal: AbortSignal }): Promise<SecretValues> {
    const calls = secretIds.map(secretId => this.#begin({ secretId, versionStage: current }))
    const answers = calls.map(({ asked }) => this.#answer({ secretId: asked.id, versionStage: current }, asked))
    return this.#settle(calls, signal, () => {
      for (const [index, call] of calls.entries()) call.outcome = answers[index]?.outcome as Outcome
      const errors = answers.flatMap(({ error }, index) =>
        error === undefined ? [] : [{ secretId: secretIds[index] ?? '', code: error.name, message: error.message }],
      )
      return { values: answers.flatMap(({ value }) => value ?? []), errors }
    })
  }

  /** Waits as the weather has it, then settles. For whatever goes to the service, writes too. */
  async delay(signal: AbortSignal): Promise<void> {
    const { latency } = this.weather
    let resolve = (): void => undefined
    let stop = (): void => undefined
    const promise = new Promise<void>((resolved, reject) => {
      resolve = resolved
      stop = () => reject(signal.reason)
    })
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    if (latency === 'held') this.#held.push(resolve)
    else if (latency === 0) resolve()
    const cancel = typeof latency === 'number' && latency > 0 ? this.#later(resolve, latency) : undefined
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', stop)
      cancel?.()
    }
  }

  /** A timer that is not counted as the cache's. */
  #later(run: () => void, ms: number): () => void {
    this.pendingTimers += 1
    let isOver = false
    const over = (): void => {
      if (!isOver) this.pendingTimers -= 1
      isOver = true
    }
    const cancel = this.timeline.clock.setTimeout(() => {
      over()
      run()
    }, ms)
    return () => {
      cancel()
      over()
    }
  }

  async #settle<T>(calls: readonly Call[], signal: AbortSignal, outcome: () => T): Promise<T> {
    try {
      await this.delay(signal)
      return outcome()
    } catch (error) {
      for (const call of calls) call.outcome ??= { failed: 'transient', name: 'TimeoutError' }
      throw error
    } finally {
      for (const call of calls) {
        call.settled = this.timeline.next()
        void microtasks(takenInAfter).then(() => {
          call.noted = this.timeline.next().order
        })
      }
    }
  }

  #begin({ secretId, ...selector }: SecretRequest): Call {
    const asked = this.meaningOf(secretId)
    if (asked === undefined) throw new Error('The cache asks for a secret that nobody named.')
    const call: Call = { asked, view: viewOf(selector), sent: this.timeline.next() }
    this.calls.push(call)
    return call
  }

  #answer({ secretId, versionStage, versionId }: SecretRequest, { subject }: Asked): Answer {
    const { error, only } = this.weather
    if (error !== undefined && (only ?? subject) === subject) return failed(Object.assign(new Error('told to'), { name: error }))
    // What is answered for a minute is no old answer any more.
    const mayBeOld = this.timeline.next().at - (this.#movedAt.get(subject) ?? 0) < leftRecentlyMs
    const isOld = this.weather.oldAnswers > 0 && mayBeOld && viewOf({ versionStage, versionId }) === current
    if (isOld) this.weather.oldAnswers -= 1
    const before = isOld ? subject.reigns.at(-2) : undefined
    try {
      const input =
        before !== undefined && before.arn === subject.arns.at(-1)
          ? { SecretId: secretId, VersionId: before.versionId }
          : { SecretId: secretId, VersionStage: versionStage, VersionId: versionId }
      const answered = subject.fake.perform('GetSecretValue', input)
      const string = String(answered.SecretString)
      const value = {
        arn: String(answered.ARN),
        name: String(answered.Name),
        versionId: String(answered.VersionId),
        // A version that has lost all its labels is answered without any.
        versionStages: before === undefined ? ((answered.VersionStages ?? []) as string[]) : [current],
        string,
      }
      return { value, outcome: { version: this.#versions.get(string) as Version } }
    } catch (thrown) {
      return failed(thrown as Error)
    }
  }

  #subject(name: string, fake: FakeSecretsManager, isOwn: boolean): Subject {
    const subject: Subject = { name, fake, isOwn, arns: [], reigns: [], isThere: true }
    this.#create(subject)
    return subject
  }

  #create(subject: Subject): void {
    const text = this.newText(subject)
    const { arn, versionId } = subject.fake.create(subject.name, text)
    subject.arns.push(arn)
    this.#reign(subject, this.learn(subject, text, versionId))
  }

  #moved(subject: Subject, version: Version, event: SecretLabelUpdatedEvent): void {
    this.#reign(subject, version)
    this.events.push({ event, version, at: this.timeline.next() })
  }
}

interface Answer {
  readonly outcome: Outcome
  readonly value?: SecretValue
  readonly error?: Error
}

function failed(error: Error): Answer {
  const isMissing = /^(ResourceNotFound|AccessDenied)/.test(error.name)
  const kind = transient.test(error.name) ? 'transient' : isMissing ? 'denied' : 'wrong'
  return { error, outcome: { failed: kind, name: error.name } }
}
