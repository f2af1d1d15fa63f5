import { Contact } from '../core/loads/contact.js'
import type { SourceOptions } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { read, type WireSecret } from './answer.js'
import { type Connection, connectTo, type HttpAnswer } from './connection.js'
import { credentialChain } from './credentials/credential-chain.js'
import type { LiteSourceOptions } from './lite-options.js'
import { type Call, loadSigner, type Signer } from './signer.js'
import { findTarget, type Target } from './target.js'

/** The outputs of the calls, as they are on the wire. */
interface Outputs {
  BatchGetSecretValue: { SecretValues?: WireSecret[]; Errors?: { SecretId: string; ErrorCode: string; Message: string }[] }
  GetSecretValue: WireSecret
}

/** Secrets Manager, as it is spoken to here. */
export interface Service {
  /**
   * Resolves with the output, or rejects with the exception that the service names. One attempt, but for a second one after the machine's
   * clock has turned out to be wrong.
   */
  call<Name extends Call['operation']>(operation: Name, input: object, options: SourceOptions): Promise<Outputs[Name]>
  /** Notes on the errors of a batch which Region was asked. */
  noteOn(errors: readonly object[]): Promise<void>
  close(): void
}

/** An answer, and the time that its request was signed with. */
interface SignedAnswer extends HttpAnswer {
  readonly signedAt: number
}

/** What the service says of a signature whose time is not its own. */
const clockExceptions = /^(InvalidSignature|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch)/

/** The service takes a signature of up to five minutes ago. */
const mostSkewMs = 4 * 60_000

/** Finds the service, its credentials and the signer with the first call. */
export function openService(options: LiteSourceOptions, clock: CompleteClock): Service {
  const credentials = credentialChain(clock)
  let target: Target | undefined
  let connection: Connection | undefined
  let sign: Signer | undefined
  /** How far the service's clock is ahead of ours. */
  let skewMs = 0

  const contact = new Contact(() => target?.region)

  async function send(call: Call, { signal, newConnection }: SourceOptions): Promise<SignedAnswer> {
    target ??= findTarget(options, process.env)
    connection ??= connectTo(target.url)
    // Kept, because an import that is done already still takes its time.
    sign ??= await loadSigner()
    const held = await credentials.get(signal)
    const signedAt = clock.now() + skewMs
    const headers = sign(call, target, held, new Date(signedAt))
    const answer = await connection.send({ method: 'POST', headers, body: call.body, signal, newConnection })
    return { ...answer, signedAt }
  }

  /** Goes by the service's clock, and says whether the signature did not: another call may have corrected ours since. */
  function correctsClock({ signedAt, headers: { date = '' } }: SignedAnswer): boolean {
    const sentAt = Date.parse(date)
    const wasWrong = Math.abs(sentAt - signedAt) > mostSkewMs
    if (wasWrong) skewMs = sentAt - clock.now()
    return wasWrong
  }

  async function call<Name extends Call['operation']>(
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
    call: (operation, input, options) => contact.watch(call(operation, input, options)),
    noteOn: errors => contact.noteOn(errors),
    close: () => connection?.close(),
  }
}
