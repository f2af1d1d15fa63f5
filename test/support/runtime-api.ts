import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const prefix = '/2018-06-01/runtime/'
/** The timeout of the function. */
const timeoutMs = 30_000

/** Lambda's side of the runtime API: processes and threads ask for events, and post what their handlers answered. */
export class RuntimeApi {
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  /** What asks for an event or for the end of a snapshot, the longest waiting first. */
  readonly #asking: Record<'invocation' | 'restore', ServerResponse[]> = { invocation: [], restore: [] }
  readonly #answers = new Map<string, Deferred>()
  readonly #failure = deferred()
  #wake: (() => void)[] = []
  #invocations = 0
  /** By how much the wall clock of the function has jumped when it is answered next. */
  clockJumpMs = 0

  async listen(): Promise<string> {
    this.#failure.promise.catch(() => {})
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves when so many ask; rejects when the init phase or a restore has failed. */
  async asked(what: 'invocation' | 'restore', times = 1): Promise<void> {
    while (this.#asking[what].length < times) {
      await Promise.race([new Promise<void>(resolve => this.#wake.push(resolve)), this.#failure.promise])
    }
  }

  /** Hands an event to whatever has waited the longest. Resolves with the answer, or rejects with the error of the handler. */
  async deliver(event: unknown): Promise<unknown> {
    const response = await this.#longestAsking('invocation')
    this.#invocations += 1
    const id = `invocation-${this.#invocations}`
    const answer = deferred()
    this.#answers.set(id, answer)
    this.#answer(response, event, {
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:123456789012:function:stand-in',
      'lambda-runtime-deadline-ms': Date.now() + this.clockJumpMs + timeoutMs,
    })
    return answer.promise
  }

  async restore(): Promise<void> {
    this.#answer(await this.#longestAsking('restore'), {})
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #longestAsking(what: 'invocation' | 'restore'): Promise<ServerResponse> {
    for (;;) {
      const response = this.#asking[what].shift()
      if (response !== undefined) return response
      await this.asked(what)
    }
  }

  #answer(response: ServerResponse, body: unknown, headers: Record<string, string | number> = {}): void {
    response.writeHead(200, { ...headers, 'clock-jump-ms': this.clockJumpMs })
    response.end(JSON.stringify(body))
    this.clockJumpMs = 0
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [what = '', id = '', how] = (request.url ?? '').slice(prefix.length).split('/')
    if (id === 'next') {
      const asking = this.#asking[what as 'invocation' | 'restore']
      asking.push(response)
      // A worker that crashes asks no more.
      response.once('close', () => {
        const place = asking.indexOf(response)
        if (place >= 0) asking.splice(place, 1)
      })
      for (const wake of this.#wake.splice(0)) wake()
      return
    }
    const body = JSON.parse(await text(request))
    if (how === 'response') this.#answers.get(id)?.resolve(body)
    else (this.#answers.get(id) ?? this.#failure).reject(new Error(body.errorMessage))
    response.end('{}')
  }
}

interface Deferred {
  promise: Promise<never>
  resolve(value: unknown): void
  reject(error: Error): void
}

function deferred(): Deferred {
  let settle: Pick<Deferred, 'resolve' | 'reject'> | undefined
  const promise = new Promise<never>((resolve, reject) => {
    settle = { resolve: resolve as Deferred['resolve'], reject }
  })
  return { promise, ...settle! }
}
