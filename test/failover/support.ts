import { type FailoverSourceOptions, failoverSource } from '../../src/failover/index.js'
import type { SecretSource, SecretValue } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'

/** The name of the secret that both Regions have. */
export const id = 'prod/db'

/** A secret in a primary Region and its replica, and a source over both. Fakes with the same past have the same versions. */
export interface Scene {
  readonly clock: ManualClock
  readonly primary: FakeSecretsManager
  readonly replica: FakeSecretsManager
  readonly source: SecretSource
  /** Makes the primary unreachable. */
  primaryFails(error?: string): void
  /** Moves AWSCURRENT in the primary, or in both. */
  rotate(value: string, options?: { replicate: boolean }): string
  /** Lets the replica catch up with all that was not replicated. */
  replicate(): void
  read(versionStage?: string): Promise<SecretValue>
  /** What a read brings: its value, or the name of its error. */
  outcome(): Promise<string>
}

export function setScene(options: FailoverSourceOptions = {}): Scene {
  const clock = new ManualClock()
  const [primary, replica] = ['eu-west-1', 'eu-central-1'].map(
    region => new FakeSecretsManager({ region, clock, secrets: { [id]: 'one' } }),
  ) as [FakeSecretsManager, FakeSecretsManager]
  const source = failoverSource([primary.source(), replica.source()], { clock, ...options })
  const behind: string[] = []
  const read = (versionStage = 'AWSCURRENT'): Promise<SecretValue> =>
    source.get({ secretId: id, versionStage }, new AbortController())
  const replicate = (): void => {
    for (const value of behind.splice(0)) replica.put(id, value)
  }
  return {
    clock,
    primary,
    replica,
    source,
    read,
    replicate,
    primaryFails(error = 'ServiceUnavailable') {
      primary.inject({ error })
    },
    rotate(value, { replicate: atOnce } = { replicate: true }) {
      const { versionId } = primary.put(id, value)
      behind.push(value)
      if (atOnce) replicate()
      return versionId
    },
    outcome: () =>
      read().then(
        ({ string }) => String(string),
        (error: Error) => error.name,
      ),
  }
}
