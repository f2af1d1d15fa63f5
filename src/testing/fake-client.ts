import type { FakeService } from './fake-service.js'
import { isRecord } from './input.js'

/** What a command of the AWS SDK is to the fake: a class called `…Command` with its input. */
export interface FakeCommand {
  /** What the command was made with. */
  readonly input: object
}

/** What the SDK says a command resolves with. */
export type FakeCommandOutput<Command> = Command extends {
  resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer Output }>
}
  ? Output
  : Readonly<Record<string, unknown>>

/** Stands in for a `SecretsManagerClient`: takes the commands of the real SDK, in process. */
export interface FakeClient {
  /** Sends a command. An aborted one rejects with an `AbortError`, as in the SDK. */
  send<Command extends FakeCommand>(
    command: Command,
    options?: { abortSignal?: AbortSignal },
  ): Promise<FakeCommandOutput<Command>>
  /** Does nothing; there because the SDK's client has it. */
  destroy(): void
}

/** A client that hands its commands to the service. */
export function createClient(service: FakeService): FakeClient {
  return {
    async send<Command extends FakeCommand>(command: Command, options?: { abortSignal?: AbortSignal }) {
      const output = await send(service, command, options?.abortSignal)
      return output as FakeCommandOutput<Command>
    },
    destroy() {},
  }
}

async function send(service: FakeService, command: FakeCommand, signal: AbortSignal | undefined): Promise<object> {
  const operation = command.constructor.name.replace(/Command$/, '')
  const input = isRecord(command.input) ? command.input : {}
  try {
    const output = await service.answer(operation, input, signal)
    return { $metadata: { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 }, ...output }
  } catch (error) {
    throw signal?.aborted ? abortError(signal) : error
  }
}

function abortError(signal: AbortSignal): Error {
  const error = new Error('Request aborted', { cause: signal.reason })
  error.name = 'AbortError'
  return error
}
