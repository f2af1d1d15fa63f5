import { Contact } from '../core/loads/contact.js'
import type { SourceOptions } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { read } from './answer.js'
import { type Connection, connectTo, type HttpAnswer } from './connection.js'
import { credentialChain } from './credentials/credential-chain.js'
import type { LiteSourceOptions } from './lite-options.js'
import { type Call, loadSigner, type Signer } from './signer.js'
import { findTarget, type LiteService, type Target } from './target.js'

/** The calls of a service. */
export interface Service<Outputs> {
  /** The Region that is called. Throws if none is configured. */
  readonly region: string
  /**
   * Resolves with the output, or rejects with the exception that the service names. Makes one attempt, and a second one if the clock of the
   * machine has turned out to be wrong.
   */
  call<Name extends keyof Outputs & string>(operation: Name, input: object, options: SourceOptions): Promise<Outputs[Name]>
  /** Attaches to the errors of a batch which Region was called. */
  noteOn(errors: readonly object[]): Promise<void>
  close(): void
}

/** A response, and the time in the signature of its request. */
interface SignedAnswer extends HttpAnswer {
  readonly signedAt: number
}

/** The exceptions of the service for a signature whose time differs from its own. */
const clockExceptions = /^(InvalidSignature|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch)/

/** The service accepts a signature that is up to five minutes old. */
const mostSkewMs = 4 * 60_000

/** Opens the service. It determines the endpoint, the credentials and the signer with the first call. */
export function openService<Outputs>(service: LiteService, options: LiteSourceOptions, clock: CompleteClock): Service<Outputs> {
  const credentials = credentialChain(clock)
  let target: Target | undefined
  let connection: Connection | undefined
  let sign: Signer | undefined
  /** How far the clock of the service is ahead of ours. */
  let skewMs = 0

  const contact = new Contact(() => target?.region)

  function findOnce(): Target {
    target ??= findTarget(options, process.env, service)
    return target
  }

  async function send(call: Call, { signal, newConnection }: SourceOptions): Promise<SignedAnswer> {
    const target = findOnce()
    connection ??= connectTo(target.url)
    // Kept, because even a repeated import() takes time.
    sign ??= await loadSigner(service)
    const held = await credentials.get(signal)
    const signedAt = clock.now() + skewMs
    const headers = sign(call, target, held, new Date(signedAt))
    const answer = await connection.send({ method: 'POST', headers, body: call.body, signal, newConnection })
    return { ...answer, signedAt }
  }

  /** Adopts the clock of the service if the time of the signature was wrong, and returns whether it was. Another call may have adopted it since. */
  function correctsClock({ signedAt, headers: { date = '' } }: SignedAnswer): boolean {
    const sentAt = Date.parse(date)
    const wasWrong = Math.abs(sentAt - signedAt) > mostSkewMs
    if (wasWrong) skewMs = sentAt - clock.now()
    return wasWrong
  }

  async function call<Name extends keyof Outputs & string>(
    operation: Name,
    input: object,
    options: SourceOptions,
  ): Promise<Outputs[Name]> {
    const request = { operation, body: JSON.stringify(input) }
    const answer = await send(request, options)
    let output = read(answer)
    if (output instanceof Error && clockExceptions.test(output.name) && correctsClock(answer)) {
      output = read(await send(request, options))
    }
    if (!(output instanceof Error)) return output as Outputs[Name]
    if (output.name.startsWith('ExpiredToken')) credentials.forget()
    throw output
  }

  return {
    get region() {
      return findOnce().region
    },
    call: (operation, input, options) => contact.watch(call(operation, input, options)),
    noteOn: errors => contact.noteOn(errors),
    close: () => connection?.close(),
  }
}
