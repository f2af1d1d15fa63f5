import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRotationHandler, type RotationContext, type RotationEvent } from '../../src/rotation/index.js'
import { type FakeCommand, FakeSecretsManager } from '../../src/testing/index.js'
import { notedEngine } from './support.js'

const token = 'b'.repeat(32)
const closes: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closes.splice(0)) await close()
  vi.unstubAllEnvs()
})

type Send = (command: FakeCommand) => Promise<unknown>

/** A handler whose calls of the service are noted, and may be answered in its place. */
function handling(given: Partial<Parameters<typeof createRotationHandler>[0]> = {}, answer: Send = async () => undefined) {
  const fake = new FakeSecretsManager({ secrets: { key: 'old-key' }, rotation: () => new Promise(() => {}) })
  const { ARN } = fake.perform('DescribeSecret', { SecretId: 'key' })
  const version = { ClientRequestToken: token, SecretString: 'pending-key', VersionStages: ['AWSPENDING'] }
  fake.perform('PutSecretValue', { SecretId: 'key', ...version })
  const sent: [string, object][] = []
  const real = fake.client()
  const client = {
    async send(command: FakeCommand) {
      sent.push([command.constructor.name.replace(/Command$/, ''), { ...command.input }])
      return (await answer(command)) ?? real.send(command)
    },
  }
  const handler = createRotationHandler({ engine: notedEngine(), client, ...given })
  const event = { SecretId: String(ARN), ClientRequestToken: token, Step: 'setSecret' } as const
  const call = (fields: Partial<RotationEvent> = {}) => handler({ ...event, ...fields })
  return { fake, sent, call, secretId: String(ARN) }
}

/** An engine whose setSecret does what is given. */
const doing = (setSecret: (context: RotationContext) => unknown) => notedEngine('x', { setSecret })

describe('a password for the engine', () => {
  const made = async (password: object | undefined, answer?: Send) => {
    const passwords: string[] = []
    const engine = doing(async ({ createPassword }) => {
      passwords.push(await createPassword())
    })
    const { call, sent, secretId } = handling({ engine, ...(password && { password }) }, answer)
    const error = await call().catch((reason: unknown) => reason)
    return { passwords, error, secretId, asked: sent.filter(([name]) => name === 'GetRandomPassword') }
  }

  it.each([
    ['unless anything else is asked for', undefined, 32],
    ['with source "local"', { source: 'local' }, 32],
    ['of another length', { length: 16 }, 16],
    ['of the longest length', { length: 128 }, 128],
  ])('is drawn here %s', async (_, password, length) => {
    const { passwords, asked } = await made(password)
    expect(passwords).toEqual([expect.stringMatching(new RegExp(`^[\\w.-]{${length}}$`))])
    expect(asked).toEqual([])
  })

  it('is drawn by the service with source "service", of the same length and characters', async () => {
    const { passwords, asked } = await made({ source: 'service', length: 40 })
    expect(passwords).toEqual([expect.stringMatching(/^[\w.-]{40}$/)])
    const ExcludeCharacters = '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}~'
    expect(asked).toEqual([['GetRandomPassword', { PasswordLength: 40, ExcludeCharacters, RequireEachIncludedType: true }]])
  })

  it('that the service does not draw fails the step', async () => {
    const nothing = await made({ source: 'service' }, async ({ constructor: { name } }) =>
      name === 'GetRandomPasswordCommand' ? {} : undefined,
    )
    expect(nothing).toMatchObject({
      passwords: [],
      error: {
        code: 'ERR_ROTATION_STEP',
        secretId: nothing.secretId,
        message: 'GetRandomPassword returned no password.',
      },
    })
    const denied = await made({ source: 'service' }, async ({ constructor: { name } }) => {
      if (name === 'GetRandomPasswordCommand') throw Object.assign(new Error('no'), { name: 'AccessDeniedException' })
    })
    expect(denied.error).toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringMatching(/^GetRandomPassword of arn:\S+ failed: access denied \(AccessDeniedException\)/),
    })
  })
})

describe('the tags of another secret', () => {
  const tagsOf = async (Tags: object[] | undefined) => {
    const told: unknown[] = []
    const engine = doing(async ({ readTags }) => {
      told.push(await readTags('master'))
    })
    const { call } = handling({ engine }, async ({ input }) =>
      (input as { SecretId?: string }).SecretId === 'master' ? { Tags } : undefined,
    )
    await call()
    return told
  }

  it.each<[string, object[] | undefined, [key: string, value: string][]]>([
    ['are none where the service tells of none', undefined, []],
    [
      'are told by their keys, and one that is empty has an empty value',
      [{ Key: 'team', Value: 'db' }, { Key: 'kept' }],
      [
        ['team', 'db'],
        ['kept', ''],
      ],
    ],
    ['have an empty key where the service names none', [{ Value: 'db' }], [['', 'db']]],
  ])('%s', async (_, Tags, expected) => {
    expect(await tagsOf(Tags)).toEqual([new Map(expected)])
  })
})

describe('a call that fails', () => {
  it.each([
    ['DescribeSecret', 'setSecret'],
    ['GetSecretValue', 'setSecret'],
    ['PutSecretValue', 'createSecret'],
    ['UpdateSecretVersionStage', 'finishSecret'],
  ] as const)('is named: %s of %s', async (operation, Step) => {
    const { call, secretId } = handling({}, async ({ constructor: { name }, input }) => {
      if (name === `${operation}Command`) throw Object.assign(new Error('no'), { name: 'InternalServiceError' })
      // So that createSecret has something to put.
      if (operation === 'PutSecretValue' && 'VersionStage' in input && input.VersionStage === 'AWSPENDING')
        throw Object.assign(new Error('Not there.'), { name: 'ResourceNotFoundException' })
    })
    await expect(call({ Step })).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      secretId,
      message: `${operation} of ${secretId} failed: the service is not available (InternalServiceError)`,
    })
  })

  it.each([undefined, null, 'planted-value', {}])('with no error, but with %j, fails the step all the same', async thrown => {
    for (const operation of ['DescribeSecret', 'GetSecretValue']) {
      const { call, secretId } = handling({}, async ({ constructor: { name } }) => {
        if (name === `${operation}Command`) throw thrown
      })
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_ROTATION_STEP',
        message: `${operation} of ${secretId} failed: Error`,
      })
    }
  })

  it.each([
    ['ResourceNotFoundException', 'the secret does not exist', /^\. Is it in this account and Region\?/],
    ['AccessDeniedException', 'access denied', /^\. The function's role needs secretsmanager:DescribeSecret, /],
    ['DecryptionFailure', 'KMS could not use the key of the secret', /^\. Is the KMS key of the secret disabled/],
    ['ThrottlingException', 'too many requests', /^$/],
    ['InvalidIdentityTokenException', "the function's credentials are not valid", /^\. IAM must know the issuer of the token/],
    ['ValidationException', 'the service rejected the request', /^$/],
    ['InternalServiceError', 'the service is not available', /^$/],
  ])('by %s says that %s', async (name, meaning, hint) => {
    const { call, secretId } = handling({}, async () => {
      throw Object.assign(new Error('planted-value'), { name })
    })
    const error = (await call().catch((reason: unknown) => reason)) as Error
    expect(error.cause).toMatchObject({ name, message: `${meaning} (${name})`, stack: `${name}: ${meaning} (${name})` })
    const [said, told] = error.message.split(` (${name})`)
    expect(said).toBe(`DescribeSecret of ${secretId} failed: ${meaning}`)
    expect(told).toMatch(hint)
  })

  it.each([
    ['session policy', "The role's session policy does not allow this call."],
    ['permissions boundary', "The role's permissions boundary does not allow this call."],
    ['VPC endpoint policy', 'The policy of the VPC endpoint does not allow this call.'],
  ])('because of a %s says so, and not what the role needs', async (policy, hint) => {
    const said = `User: u is not authorized to perform: a on resource: r because no ${policy} allows the a action`
    const { call } = handling({}, async () => {
      throw Object.assign(new Error(said), { name: 'AccessDeniedException' })
    })
    await expect(call()).rejects.toMatchObject({ hint, message: expect.stringContaining(said) })
  })

  it('before anything was sent keeps the words of the SDK, which quote no request', async () => {
    const { call, secretId } = handling({}, async () => {
      throw new Error('Region is missing')
    })
    await expect(call()).rejects.toMatchObject({
      message: expect.stringContaining(`DescribeSecret of ${secretId} failed: Region is missing`),
      hint: 'Pass { region }, or set AWS_REGION.',
    })
  })
})

it('a binary secret is named by the version that was read', async () => {
  const { call, secretId, fake } = handling({}, async ({ constructor: { name } }) =>
    name === 'GetSecretValueCommand' ? { SecretBinary: new Uint8Array([1]) } : undefined,
  )
  const { VersionId } = fake.perform('GetSecretValue', { SecretId: 'key' })
  await expect(call()).rejects.toThrow(`The ${String(VersionId)} version of ${secretId} is binary; only text can be rotated.`)
})

it('another secret that is binary is named by its current version', async () => {
  const engine = doing(({ readSecret }) => readSecret('master'))
  const { call } = handling({ engine }, async ({ constructor: { name }, input }) =>
    name === 'GetSecretValueCommand' && 'SecretId' in input && input.SecretId === 'master'
      ? { SecretBinary: new Uint8Array([1]) }
      : undefined,
  )
  await expect(call()).rejects.toThrow('The AWSCURRENT version of master is binary; only text can be rotated.')
})

it('a rotation token that is no text is not sent', async () => {
  const { call, sent } = handling({}, async ({ constructor: { name }, input }) => {
    if (name === 'PutSecretValueCommand') return {}
    if ('VersionStage' in input && input.VersionStage === 'AWSPENDING')
      throw Object.assign(new Error('Not there.'), { name: 'ResourceNotFoundException' })
    return undefined
  })
  await call({ Step: 'createSecret', RotationToken: 7 as never })
  expect(sent.at(-1)).toEqual(['PutSecretValue', expect.not.objectContaining({ RotationToken: expect.anything() })])
})

describe('the client that the handler makes', () => {
  /** The headers of the one call of a handler, which fails. */
  const headersOf = async (region: string | undefined): Promise<IncomingHttpHeaders> => {
    const heard: IncomingHttpHeaders[] = []
    const server = createServer(({ headers }, response) => {
      heard.push(headers)
      response.setHeader('connection', 'close').end('{}')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    closes.push(() => new Promise(resolve => server.close(resolve)))
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
    vi.stubEnv('AWS_REGION', 'eu-north-1')
    const handler = createRotationHandler({ engine: notedEngine(), ...(region !== undefined && { region }) })
    const event = { SecretId: 'key', ClientRequestToken: token, Step: 'setSecret' } as const
    await expect(handler(event)).rejects.toThrow('has no stage for rotation')
    expect(heard).toHaveLength(1)
    return heard[0] ?? {}
  }

  it.each([
    ['that was passed', 'eu-south-2', '/eu-south-2/secretsmanager/'],
    ['of AWS_REGION if none was passed', undefined, '/eu-north-1/secretsmanager/'],
  ])('calls the Region %s, and tells the service which package calls', async (_, region, scope) => {
    const { authorization, 'user-agent': agent } = await headersOf(region)
    expect(authorization).toContain(scope)
    expect(agent).toMatch(/\bawscurrent\b/)
  })
})
