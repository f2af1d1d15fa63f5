import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { liteSource } from '../../src/lite/index.js'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js'
import { patient, withEnv } from './support.js'

const most = 50
/** Until they all are there, a machine with few cores may take its time. */
const patience = { timeout: 4_000, interval: 5 }
const secret = JSON.stringify({ ARN: 'a', Name: 'prod/db', VersionId: 'v', VersionStages: ['AWSCURRENT'], SecretString: 'one' })

let server: ScriptedServer
let source: ReturnType<typeof liteSource>
/** Those that have not been answered yet. */
let waiting: ServerResponse[]

withEnv()

beforeEach(async () => {
  waiting = []
  server = await startScriptedServer((_, response) => waiting.push(response))
  source = liteSource({ region: 'eu-west-1', endpoint: server.url })
})

afterEach(async () => {
  await source.close()
  await server.close()
})

function read(signal = patient.signal): Promise<unknown> {
  return source.get({ secretId: 'prod/db' }, { signal })
}

/** Answers what comes until `reads` are settled. */
async function answerAll(reads: readonly Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
  const settled = Promise.allSettled(reads)
  const timer = setInterval(() => {
    for (const response of waiting.splice(0)) response.end(secret)
  }, 1)
  try {
    return await settled
  } finally {
    clearInterval(timer)
  }
}

it('600 reads at once are answered over 50 connections', async () => {
  const reads = Array.from({ length: 600 }, () => read())
  await vi.waitFor(() => expect(waiting).toHaveLength(most), patience)
  const outcomes = await answerAll(reads)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(600)
  expect(server.received).toHaveLength(600)
  expect(server.connections).toBeLessThanOrEqual(100)
})

it('a read that waits for its turn is ended by its signal, and is never sent', async () => {
  const reads = Array.from({ length: most }, () => read())
  await vi.waitFor(() => expect(waiting).toHaveLength(most), patience)
  const leaving = new AbortController()
  const queued = read(leaving.signal)
  const next = read()
  leaving.abort()
  await expect(queued).rejects.toThrow()
  const outcomes = await answerAll([...reads, next])
  expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true)
  expect(server.received).toHaveLength(most + 1)
})

it('closing ends the reads that are under way and those that wait for their turn', async () => {
  const reads = Array.from({ length: most + 10 }, () => read())
  await vi.waitFor(() => expect(waiting).toHaveLength(most), patience)
  await source.close()
  const outcomes = await Promise.allSettled(reads)
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect(server.received).toHaveLength(most)
})
