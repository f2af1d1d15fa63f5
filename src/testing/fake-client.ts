import type { FakeService } from './fake-service.js'
import { isRecord } from './input.js'
import { ServiceError } from './service-error.js'

/** A command of the AWS SDK: an object of a class called `…Command`, with its input. */
export interface FakeCommand {
  /** The input that the command was created with. */
  readonly input: object
}

/** The output that the SDK declares for a command. */
export type FakeCommandOutput<Command> = Command extends {
  resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer Output }>
}
  ? Output
  : Readonly<Record<string, unknown>>

/** A replacement for a client of the AWS SDK, such as `SecretsManagerClient`, that accepts the commands of the real SDK, in process. */
export interface FakeClient {
  /** Sends a command. If its signal aborts, it rejects with an `AbortError`, as in the SDK. */
  send<Command extends FakeCommand>(
    command: Command,
    options?: { abortSignal?: AbortSignal },
  ): Promise<FakeCommandOutput<Command>>
  /** Does nothing; it exists because the SDK's client has it. */
  destroy(): void
}

/** Creates a client that passes its commands to the service. */
export function createClient<Operation extends string>(service: FakeService<Operation>): FakeClient {
  return {
    async send<Command extends FakeCommand>(command: Command, options?: { abortSignal?: AbortSignal }) {
      const output = await send(service, command, options?.abortSignal)
      return output as FakeCommandOutput<Command>
    },
    destroy() {},
  }
}

async function send<Operation extends string>(
  service: FakeService<Operation>,
  command: FakeCommand,
  signal: AbortSignal | undefined,
): Promise<object> {
  const operation = command.constructor.name.replace(/Command$/, '')
  const input = isRecord(command.input) ? command.input : {}
  try {
    const output = await service.answer(operation, input, signal)
    return { $metadata: { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 }, ...output }
  } catch (error) {
    if (signal?.aborted) throw abortError(signal)
    // The SDK's words where the service sends none.
    if (error instanceof ServiceError && error.message === '') error.message = 'UnknownError'
    throw error
  }
}

function abortError(signal: AbortSignal): Error {
  const error = new Error('Request aborted', { cause: signal.reason })
  error.name = 'AbortError'
  return error
}
