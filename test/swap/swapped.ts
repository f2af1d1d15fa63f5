import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { createSwap, type Swap, type SwapEvent, type SwapSecretOptions } from '../../src/swap/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'

export const refusal: Error = Object.assign(new Error('401'), { code: 'REFUSED' })
export const outage: Error = Object.assign(new Error('down'), { code: 'ECONNREFUSED' })

/** A client of a server that is played by hand. */
export class Client {
  drained = false
  readonly #key: string
  readonly #server: Server

  constructor(key: string, server: Server) {
    this.#key = key
    this.#server = server
  }

  /** Answers the key that it was called with. */
  async call(): Promise<string> {
    if (this.drained) throw new Error('This client has been drained.')
    if (this.#server.down || this.#server.left.has(this.#key)) throw outage
    if (!this.#server.keys.has(this.#key)) throw refusal
    return this.#key
  }
}

interface Server {
  /** The keys that it takes. */
  keys: Set<string>
  down: boolean
  /** The keys whose address it has left. */
  left: Set<string>
}

/** A swap over a fake Secrets Manager and a made-up server. */
export interface Swapped {
  fake: FakeSecretsManager
  clock: ManualClock
  cache: SecretCache
  swap: Swap<Client>
  server: Server
  /** Every client that was made, the oldest first. */
  made: Client[]
  events: SwapEvent[]
  /** Moves AWSCURRENT; the cache hears of it, unless it is not announced. */
  rotate(key: string, options?: { announced?: boolean }): Promise<string>
  /** The labels that were read. */
  reads(): string[]
  call(): Promise<string>
}

export function swapped(
  options: Partial<SwapSecretOptions<Client>> = {},
  { cache: cacheOptions, secret = 'one' }: { cache?: SecretCacheOptions; secret?: string | object } = {},
): Swapped {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ secrets: { key: secret }, clock })
  const cache = new SecretCache({ client: fake.client(), clock, ttlMs: 86_400_000, ttlJitter: 0, ...cacheOptions })
  const server: Server = { keys: new Set(['one']), down: false, left: new Set() }
  const made: Client[] = []
  const events: SwapEvent[] = []
  const swap = createSwap<Client>({
    cache,
    secretId: 'key',
    create(secret) {
      const client = new Client(secret.text(), server)
      made.push(client)
      return client
    },
    verify: client => client.call(),
    drain(client) {
      client.drained = true
    },
    isAuthError: error => error === refusal,
    ...options,
  })
  for (const type of ['credentials', 'retired', 'window', 'refused'] as const) swap.on(type, event => events.push(event))
  return {
    fake,
    clock,
    cache,
    swap,
    server,
    made,
    events,
    async rotate(key, { announced = true } = {}) {
      const event = fake.rotate('key', key)
      if (announced) await cache.handleRotationEvent(event)
      await settled()
      return event.detail.versionId
    },
    reads: () =>
      fake.calls.filter(({ operation }) => operation === 'GetSecretValue').map(call => String(call.input.VersionStage)),
    call: () => swap.use(client => client.call()),
  }
}
