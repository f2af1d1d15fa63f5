import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agentSource } from '../../src/agent/index.js'
import { SecretCache, type SecretSource } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'
import { type SecretsAgent, startSecretsAgent } from '../support/secrets-agent.js'
import { passUntil, throughPauses } from '../support/through-pauses.js'

const id = 'prod/db'
const { signal } = new AbortController()

let clock: ManualClock
let agent: SecretsAgent
let folder: string
let file: string
let source: SecretSource

beforeEach(async () => {
  clock = new ManualClock()
  agent = await startSecretsAgent(new FakeSecretsManager({ secrets: { [id]: 'one' } }))
  folder = await mkdtemp(join(tmpdir(), 'awscurrent-'))
  file = join(folder, 'token')
  source = agentSource({ port: agent.port, token: pathToFileURL(file).href, refreshNow: true, clock })
})

afterEach(async () => {
  await agent.close()
  await rm(folder, { recursive: true })
})

describe('a token file that the agent has not written yet', () => {
  it.each([
    ['that is not there', async () => {}],
    ['that is empty', async () => writeFile(file, '')],
  ])('%s is waited for', async (_, prepare) => {
    await prepare()
    const begunAt = clock.now()
    const reading = source.get({ secretId: id }, { signal })
    reading.catch(() => {})
    await passUntil(clock, 50, () => clock.now() >= begunAt + 600)
    await writeFile(file, 'the token\n')
    expect(await throughPauses(clock, reading, 50)).toMatchObject({ string: 'one' })
  })

  it('is waited for one second, and then said to be missing', async () => {
    const begunAt = clock.now()
    const error = await throughPauses(clock, rejectionOf(source.get({ secretId: id }, { signal })), 50)
    expect(clock.now()).toBeLessThanOrEqual(begunAt + 1_100)
    expect(error).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', message: expect.stringContaining(file) })
    expect(agent.requests).toEqual([])
  })
})

describe('a token that the agent refuses', () => {
  it('is read again, and if it is another now, that is tried at once', async () => {
    await writeFile(file, 'of the last start')
    agent.token = 'of this start'
    agent.beforeAnswer = () => writeFile(file, 'of this start')
    expect(await source.get({ secretId: id }, { signal })).toMatchObject({ string: 'one' })
    expect(agent.requests.map(({ token }) => token)).toEqual(['of the last start', 'of this start'])
    expect(clock.pending).toBe(0)
  })

  it('is looked for once more while its file is being replaced', async () => {
    await writeFile(file, 'of the last start')
    agent.token = 'of this start'
    agent.beforeAnswer = () => unlink(file)
    const reading = source.get({ secretId: id }, { signal })
    await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1, timeout: 4_000 })
    await writeFile(file, 'of this start')
    await clock.advance(50)
    expect(await reading).toMatchObject({ string: 'one' })
  })

  it('is refused for good if it is the same, or if the other is refused too; neither shows up in the error', async () => {
    await writeFile(file, 'planted-51c7')
    const cache = new SecretCache({ source })
    const first = await rejectionOf(cache.getSecretString(id))
    expect(agent.requests).toHaveLength(1)
    agent.beforeAnswer = () => writeFile(file, 'planted-51c7-too')
    const second = await rejectionOf(source.get({ secretId: id }, { signal }))
    expect(agent.requests).toHaveLength(3)
    expect(first).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', cause: { status: 403 } })
    expect(second).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', cause: { status: 403 } })
    expect(everythingVisibleIn([first, second])).not.toContain('planted-51c7')
    await cache.close()
  })
})
