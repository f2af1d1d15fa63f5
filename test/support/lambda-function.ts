import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ScriptProcess, startScript } from './typescript-process.js'

/** A real process that Lambda's runtime API invokes, freezes and thaws. */
export interface LambdaFunction extends AsyncDisposable {
  readonly process: ScriptProcess
  /** Stops the process where it is, as Lambda does when it has answered and when the init phase is over. */
  freeze(): void
  thaw(): void
  /** Thaws the process, hands it an event, and resolves with its answer once it asks for the next event. */
  invoke(event?: unknown): Promise<unknown>
}

const prefix = '/2018-06-01/runtime/'

/** What Lambda runs around a handler, as far as it matters here. */
const runtime = `
  const invocations = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '${prefix}invocation/'
  for (;;) {
    const next = await fetch(invocations + 'next')
    const answer = async (kind, body) => {
      await fetch(invocations + next.headers.get('lambda-runtime-aws-request-id') + '/' + kind, { method: 'POST', body: JSON.stringify(body) })
    }
    try {
      await answer('response', (await handler(await next.json(), {})) ?? null)
    } catch (error) {
      await answer('error', { errorType: error.name, errorMessage: error.message })
    }
  }`

/** Starts a function whose script defines `handler`. Resolves when the init phase is over. */
export async function startFunction(script: string, env: Record<string, string>): Promise<LambdaFunction> {
  const api = new RuntimeApi()
  const endpoint = await api.listen()
  const process = await startScript(script + runtime, { ...env, AWS_LAMBDA_RUNTIME_API: endpoint })
  const ended = process.ended.then(({ stderr }): never => {
    throw new Error(`The process has ended: ${stderr}`)
  })
  const waited = Promise.race([api.waiting(), ended])
  const stop = async (): Promise<void> => {
    process.child.kill('SIGKILL')
    await ended.catch(() => {})
    await api.close()
  }
  await waited.catch(async error => {
    await stop()
    throw error
  })
  return {
    process,
    freeze: () => void process.child.kill('SIGSTOP'),
    thaw: () => void process.child.kill('SIGCONT'),
    async invoke(event = {}) {
      process.child.kill('SIGCONT')
      const answer = api.deliver(event)
      await Promise.race([api.waiting(), ended])
      return answer
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** The runtime API: the process asks for an event, and posts what its handler answered. */
class RuntimeApi {
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  #next = deferred<ServerResponse>()
  #answer = deferred<unknown>()

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves when the process has asked for an event. */
  async waiting(): Promise<void> {
    await this.#next.promise
  }

  /** Resolves with the answer, or rejects with the handler's error. */
  deliver(event: unknown): Promise<unknown> {
    const { promise } = this.#next
    this.#next = deferred()
    this.#answer = deferred()
    void promise.then(response => {
      response.setHeader('lambda-runtime-aws-request-id', '8476a536-e9f4-11e8-9739-2dfe598c3fcd')
      response.end(JSON.stringify(event))
    })
    return this.#answer.promise
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === `${prefix}invocation/next`) return this.#next.resolve(response)
    const body = JSON.parse(await text(request))
    if (request.url?.endsWith('/response')) this.#answer.resolve(body)
    else this.#answer.reject(new Error(body.errorMessage))
    response.end()
  }
}

interface Deferred<T> {
  promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle! }
}
