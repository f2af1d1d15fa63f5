import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue, rotateNow } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import type { SecretCache } from '../../src/index.js'
import type { DeferredClient } from '../support/deferred-client.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { name, newScene, type Scene } from './support.js'

const token = '5f0c9e9c-6d3a-4a55-9a0e-3d2f8f6a1b77'
const reason = new Error('Nobody waits any more.')

let client: DeferredClient
let cache: SecretCache
let clock: Scene['clock']
let holding: Scene['holding']
let abort: AbortController

// Its import takes time that no test spells out.
beforeAll(() => loadSdk())

beforeEach(() => {
  ;({ client, cache, clock, holding } = newScene())
  abort = new AbortController()
})

const operations = (): string[] => client.sent.map(({ operation }) => operation)

type Options = { signal?: AbortSignal; clientRequestToken?: string }

const calls: [string, (options: Options) => Promise<unknown>][] = [
  ['createSecret', options => createSecret(cache, name, 'v2', options)],
  ['putSecretValue', options => putSecretValue(cache, name, 'v2', options)],
  ['rotateNow', options => rotateNow(cache, name, options)],
]

describe.each(calls)('%s', (_, call) => {
  it('rejects with the reason of a signal that has aborted before, and sends nothing', async () => {
    abort.abort(reason)
    expect(await rejectionOf(call({ signal: abort.signal }))).toBe(reason)
    expect(client.sent).toEqual([])
  })

  it('sends nothing either where whose the secret is would have to be read first', async () => {
    ;({ client, cache } = newScene({ allowedAccounts: ['123456789012', '999999999999'] }))
    abort.abort(reason)
    expect(await rejectionOf(call({ signal: abort.signal }))).toBe(reason)
    expect(client.sent).toEqual([])
  })

  it.each([
    ['31 characters', 'x'.repeat(31)],
    ['65 characters', 'x'.repeat(65)],
    ['no text', 5],
  ])('refuses a clientRequestToken of %s', async (_, clientRequestToken) => {
    await expect(call({ clientRequestToken: clientRequestToken as string })).rejects.toThrow(
      new TypeError('clientRequestToken must be a string of 32 to 64 characters.'),
    )
  })

  it('refuses a signal that is none', async () => {
    await expect(call({ signal: {} as AbortSignal })).rejects.toThrow('signal must be an AbortSignal.')
  })

  it('takes undefined for both', async () => {
    void call({ signal: undefined, clientRequestToken: undefined } as unknown as Options)
    await client.call(1)
  })
})

describe('a write', () => {
  it('that is given up under way rejects at once, has the next read ask the service, and is not sent again', async () => {
    await holding('v1')
    const failed = rejectionOf(putSecretValue(cache, name, 'v2', { signal: abort.signal }))
    const put = await client.call(2)
    abort.abort(reason)
    expect(await failed).toBe(reason)
    const read = cache.getSecretString(name)
    await (await client.call(3)).answer('v2')
    expect(await read).toBe('v2')
    await put.fail()
    await clock.advance(20_000)
    expect(operations()).toEqual(['GetSecretValue', 'PutSecretValue', 'GetSecretValue'])
  })

  it('that is given up while it waits for another one is never sent, and whoever comes after it waits for that one', async () => {
    await holding('v1')
    const first = putSecretValue(cache, name, 'v2')
    const second = rejectionOf(putSecretValue(cache, name, 'v3', { signal: abort.signal }))
    const third = putSecretValue(cache, name, 'v4')
    abort.abort(reason)
    expect(await second).toBe(reason)
    await settled()
    expect(client.sent).toHaveLength(2)
    await (await client.call(2)).answer('v2')
    const { input, answer } = await client.call(3)
    expect(input.SecretString).toBe('v4')
    await answer('v4')
    await Promise.all([first, third])
    expect(cache.peek(name)?.versionId).toBe('v4')
  })

  it('that is given up while it is read whose the secret is, is never sent', async () => {
    ;({ client, cache } = newScene({ allowedAccounts: ['123456789012', '999999999999'] }))
    const failed = rejectionOf(putSecretValue(cache, name, 'v2', { signal: abort.signal }))
    await client.call(1)
    abort.abort(reason)
    expect(await failed).toBe(reason)
    expect(operations()).toEqual(['GetSecretValue'])
  })

  it('by a token of its own is sent with it', async () => {
    const written = putSecretValue(cache, name, 'v2', { clientRequestToken: token })
    const { input, answer } = await client.call(1)
    await answer(token)
    expect([input.ClientRequestToken, (await written).versionId]).toEqual([token, token])
  })

  it('that is done is not undone by a signal that aborts afterwards', async () => {
    const written = putSecretValue(cache, name, 'v2', { signal: abort.signal })
    await (await client.call(1)).answer('v2')
    expect((await written).versionId).toBe('v2')
    abort.abort(reason)
    expect(await cache.getSecretString(name)).toBe('v2')
  })
})

describe('rotateNow', () => {
  it.each([
    ['while the secret is read', 0, ['GetSecretValue']],
    ['while it asks for the rotation', 1, ['GetSecretValue', 'RotateSecret']],
    ['while it waits for the rotation', 2, ['GetSecretValue', 'RotateSecret']],
  ])('that is given up %s rejects at once, and does nothing more', async (_, answers, sent) => {
    const failed = rejectionOf(rotateNow(cache, name, { signal: abort.signal }))
    if (answers > 0) await (await client.call(1)).answer('v1')
    if (answers > 1) await (await client.call(2)).answer('v2')
    await settled()
    abort.abort(reason)
    expect(await failed).toBe(reason)
    await clock.advance(120_000)
    expect(operations()).toEqual(sent)
  })

  it('by a token of its own asks with it, and waits for the version of that id', async () => {
    const rotated = rotateNow(cache, name, { clientRequestToken: token })
    await (await client.call(1)).answer('v1')
    const { input, answer } = await client.call(2)
    expect(input.ClientRequestToken).toBe(token)
    await answer('', { VersionId: undefined })
    await clock.advance(1_000)
    await client.answerLast(token)
    expect((await rotated).versionId).toBe(token)
  })
})
