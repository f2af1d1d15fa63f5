import type { SourceOptions } from '../secrets/source.js'
import { accountIdOf, type ConfiguredClient, closeIdleSocketsOf, regionOf } from './client-config.js'
import { Contact } from './contact.js'

/** The methods of a client that are called here. */
interface Client extends ConfiguredClient {
  send(command: object, options: { abortSignal: AbortSignal }): Promise<unknown>
}

/** The client that is created here. */
interface OwnClient extends Client {
  destroy(): void
}

/** The configuration of a client that is created here. */
interface OwnConfig {
  region?: string
  maxAttempts: number
  customUserAgent: string
}

/** A service of the AWS SDK, and the client of a caller, if there is one. */
export interface SdkParts<Sdk> {
  load(): Promise<Sdk>
  create(sdk: Sdk, config: OwnConfig): unknown
  readonly client: unknown
  readonly region: string | undefined
}

/** The calls of one service. */
export interface SdkCalls<Sdk> {
  /** The account of the client's credentials, once it is known. */
  readonly accountId: string | undefined
  /** The Region that is called; undefined before the first call, if it is that of the environment. */
  region(): Promise<string | undefined>
  send<Output>(command: (sdk: Sdk) => object, options: SourceOptions): Promise<Output>
  /** Attaches to the errors of a batch which Region was called. */
  noteOn(errors: readonly object[]): Promise<void>
  close(): void
}

/** Calls a service with the AWS SDK, which is loaded with the first call: a process that makes none does not pay for it. */
export function sdkCalls<Sdk>({ load, create, client, region }: SdkParts<Sdk>): SdkCalls<Sdk> {
  // Kept, because even a repeated import() takes up to a tenth of the time of a load.
  let loaded: Sdk | undefined
  let own: OwnClient | undefined
  let accountIsAskedFor = false
  let accountId: string | undefined

  const findRegion = (): Promise<string | undefined> => regionOf(own ?? (client as ConfiguredClient | undefined))
  const contact = new Contact(findRegion)

  async function learnAccount(via: Client): Promise<void> {
    accountIsAskedFor = true
    accountId = await accountIdOf(via)
  }

  return {
    get accountId() {
      return accountId
    },

    region: async () => region ?? findRegion(),

    async send<Output>(command: (sdk: Sdk) => object, { signal, newConnection }: SourceOptions): Promise<Output> {
      const sdk = loaded ?? (await load())
      loaded = sdk
      if (client === undefined) own ??= create(sdk, ownConfig(region)) as OwnClient
      const via = own ?? (client as Client)
      if (newConnection) closeIdleSocketsOf(via)
      // No extra lookup: the call needs the credentials too, and the client shares one lookup, which ends before the response arrives.
      if (!accountIsAskedFor) void learnAccount(via)
      return contact.watch(via.send(command(sdk), { abortSignal: signal }) as Promise<Output>)
    },

    noteOn: errors => contact.noteOn(errors),

    close() {
      // Callers close their own clients.
      own?.destroy()
    },
  }
}

/** Without an instance metadata service, the SDK makes two calls to it before it reports missing credentials, by default a second each. */
const metadataTimeoutMs = 600

/** The configuration of a client that makes one attempt: the loader decides whether and when there is another. */
function ownConfig(region: string | undefined): OwnConfig {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI } = process.env
  // The timeout would also apply to the agents of ECS and EKS, which need longer, because they call other services.
  const isContainer = Boolean(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || AWS_CONTAINER_CREDENTIALS_FULL_URI)
  return {
    ...(region !== undefined && { region }),
    // Not an option of the client itself, but passed on to its credential providers.
    ...(!isContainer && { timeout: metadataTimeoutMs }),
    maxAttempts: 1,
    customUserAgent: 'awscurrent',
  }
}
