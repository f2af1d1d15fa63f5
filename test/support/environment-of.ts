import type { SecretSource } from '../../src/index.js'
import type { FakeSecretsManager, SourceEnvironment } from '../../src/testing/index.js'

/** What `describeSource` needs, with fakes behind a source: each change is made in all of them, as replication does. */
export function environmentOf(
  fakes: readonly FakeSecretsManager[],
  source: SecretSource,
  close?: () => Promise<void>,
): SourceEnvironment {
  const inAll = <T>(change: (fake: FakeSecretsManager) => T): T => {
    const [first] = fakes.map(change)
    if (first === undefined) throw new TypeError('There must be a fake.')
    return first
  }
  return {
    source,
    create: async (name, value) => inAll(fake => fake.create(name, value)),
    put: async (secretId, value) => inAll(fake => fake.put(secretId, value)),
    scheduleDeletion: async secretId => {
      inAll(fake => fake.perform('DeleteSecret', { SecretId: secretId }))
    },
    ...(close !== undefined && { close }),
  }
}
