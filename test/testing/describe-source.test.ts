import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretValueEntry,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import type { SecretSource, SecretValue } from '../../src/core/secrets/source.js'
import { describeSource, FakeSecretsManager, type SourceEnvironment } from '../../src/testing/index.js'
import { environmentOf } from '../support/environment-of.js'

describeSource(
  { describe, it },
  {
    title: 'fake.source()',
    open: () => {
      const fake = new FakeSecretsManager()
      return environmentOf([fake], fake.source())
    },
  },
)

describeSource(
  { describe, it },
  {
    title: 'a source on the real SDK over fake.listen()',
    async open() {
      const fake = new FakeSecretsManager()
      const server = await fake.listen()
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }
      const sdk = new SecretsManagerClient({ region: fake.region, endpoint: server.endpoint, credentials })
      const close = async (): Promise<void> => {
        sdk.destroy()
        await server.close()
      }
      return { ...environmentOf([fake], sourceOf(sdk)), close }
    },
  },
)

describe('describeSource', () => {
  const flaws: [flaw: string, title: RegExp, flawed: (source: SecretSource) => SecretSource][] = [
    ['ignores the stage', /by its stage/, source => ({ get: ({ secretId }, options) => source.get({ secretId }, options) })],
    [
      'ignores the signal',
      /its signal has aborted/,
      source => ({ get: request => source.get(request, { signal: new AbortController().signal }) }),
    ],
    [
      'answers a binary as text',
      /byte for byte/,
      source => ({
        async get(request, options) {
          const { binary = [], ...value } = await source.get(request, options)
          return { ...value, string: value.string ?? Buffer.from(binary).toString() }
        },
      }),
    ],
    [
      'hides the exception behind an error of its own',
      /a secret that does not exist/,
      source => ({
        get: (request, options) =>
          source.get(request, options).catch(() => {
            throw new Error('failed')
          }),
      }),
    ],
    [
      'drops the errors of a batch',
      /reports a secret that does not exist/,
      source => ({
        get: source.get,
        getMany: async (ids, options) => ({ values: (await source.getMany?.(ids, options))?.values ?? [], errors: [] }),
      }),
    ],
    [
      'shows the value in an error',
      /out of its errors/,
      source => ({
        async get(request, options) {
          const { string } = await source.get({ secretId: request.secretId }, options)
          return source.get(request, options).catch((error: Error) => {
            throw Object.assign(error, { string })
          })
        },
      }),
    ],
  ]

  it.each(flaws)('finds a source that %s', async (_, title, flawed) => {
    const fake = new FakeSecretsManager()
    const failed = await titlesThatFail(environmentOf([fake], flawed(fake.source())))
    expect(failed).toContainEqual(expect.stringMatching(title))
  })

  it('closes the environment after each test, also after one that failed', async () => {
    const fake = new FakeSecretsManager()
    let open = 0
    const close = async (): Promise<void> => {
      open -= 1
    }
    const failed = await titlesThatFail(
      { ...environmentOf([fake], { get: () => Promise.reject(new Error('broken')) }), close },
      () => {
        open += 1
      },
    )
    expect(failed.length).toBeGreaterThan(0)
    expect(open).toBe(0)
  })

  it('passes a source without getMany', async () => {
    const fake = new FakeSecretsManager()
    expect(await titlesThatFail(environmentOf([fake], { get: fake.source().get }))).toEqual([])
  })
})

/** The least that a source on the SDK can be. */
function sourceOf(sdk: SecretsManagerClient): SecretSource {
  return {
    async get({ secretId, versionStage, versionId }, { signal }) {
      const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: versionStage, VersionId: versionId })
      return toValue(await sdk.send(command, { abortSignal: signal }))
    },
    async getMany(secretIds, { signal }) {
      const { SecretValues, Errors } = await sdk.send(new BatchGetSecretValueCommand({ SecretIdList: secretIds }), {
        abortSignal: signal,
      })
      return {
        values: (SecretValues ?? []).map(toValue),
        errors: (Errors ?? []).map(error => ({
          secretId: error.SecretId ?? '',
          code: error.ErrorCode ?? '',
          message: error.Message ?? '',
        })),
      }
    },
  }
}

function toValue({
  ARN = '',
  Name = '',
  VersionId = '',
  VersionStages = [],
  CreatedDate,
  SecretString,
  SecretBinary,
}: SecretValueEntry): SecretValue {
  return {
    arn: ARN,
    name: Name,
    versionId: VersionId,
    versionStages: VersionStages,
    ...(CreatedDate !== undefined && { createdDate: CreatedDate }),
    ...(SecretString !== undefined && { string: SecretString }),
    ...(SecretBinary !== undefined && { binary: SecretBinary }),
  }
}

/** Runs the suite on a runner of our own and returns the titles of the tests that failed. */
async function titlesThatFail(environment: SourceEnvironment, onOpen: () => void = () => {}): Promise<string[]> {
  const tests: [string, () => Promise<void>][] = []
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (title: string, body: () => Promise<void>) => tests.push([title, body]),
  }
  const open = (): SourceEnvironment => {
    onOpen()
    return environment
  }
  describeSource(runner, { open })
  const failed: string[] = []
  for (const [title, body] of tests) await body().catch(() => failed.push(title))
  return failed
}
