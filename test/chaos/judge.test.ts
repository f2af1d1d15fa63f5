import { beforeEach, expect, it } from 'vitest'
import { FaultLog } from './fault-log.js'
import { History } from './history.js'
import { Judge } from './judge.js'
import type { CacheName, ReadRecord } from './messages.js'
import { monotonicMs } from './monotonic.js'

let history: History
let faults: FaultLog
let judge: Judge

beforeEach(() => {
  history = new History()
  faults = new FaultLog()
  judge = new Judge(history, faults, { staleMs: 100, recoveryMs: 10, connectionMs: 10, longestReadMs: 1_000 })
  history.moved('key', 'one', 'first', 0)
  history.moved('key', 'two', 'second', 1_000)
})

function read(
  from: number,
  answer: ReadRecord['answer'],
  cache: CacheName = 'steady',
  to = from + 1,
  how: ReadRecord['how'] = 'get',
): void {
  judge.read({ cache, secretId: 'key', how, from, to, answer })
}

const one = { versionId: 'one', text: 'first' }
const two = { versionId: 'two', text: 'second' }
const broken = (): string[] => judge.violations.map(({ invariant }) => invariant)

it.each([
  ['an unknown version', { versionId: 'three', text: 'third' }, 2_000],
  ['a version that is not current yet', two, 500],
  ['the value of another version', { versionId: 'two', text: 'first' }, 2_000],
])('%s was never current', (_, answer, from) => {
  read(from, answer)
  expect(broken()).toEqual(['value'])
})

it('an older version after a newer one is a step back', () => {
  read(1_010, two)
  read(1_020, one)
  expect(broken()).toEqual(['back'])
})

it('a read that began before the newer version was seen may answer the older one', () => {
  read(1_010, two, 'steady', 1_030)
  read(1_020, one, 'steady', 1_040)
  expect(broken()).toEqual([])
})

it('a rollback is no step back', () => {
  read(1_010, two)
  history.moved('key', 'one', 'first', 1_050)
  read(1_060, one)
  expect(broken()).toEqual([])
})

it('an old answer about a version that nobody has read may be taken for a new one', () => {
  const now = monotonicMs()
  history.moved('key', 'three', 'third', now)
  faults.begin('Secrets Manager: answer: old', 'service', 'old answers')
  read(now + 1, { versionId: 'three', text: 'third' })
  read(now + 5, two)
  expect(broken()).toEqual([])
  read(now + 10, two)
  expect(broken()).toEqual([])
  read(now + 15, { versionId: 'three', text: 'third' })
  read(now + 20, two)
  expect(broken()).toEqual(['back'])
})

it('a version is too old once its successor is current for longer than TTL and window', () => {
  read(1_100, one)
  expect(broken()).toEqual([])
  read(1_101, one)
  expect(broken()).toEqual(['stale'])
})

it('a fault in between, and the recovery from it, excuse an old version', () => {
  history.moved('key', 'three', 'third', monotonicMs())
  const end = faults.begin('network: cut', 'service')
  end()
  read(monotonicMs() + 105, two)
  expect(broken()).toEqual([])
  read(monotonicMs() + 200, two)
  expect(broken()).toEqual(['stale'])
})

it('a read that fails is a violation unless a fault explains it', () => {
  read(2_000, { code: 'ERR_SECRET_UNAVAILABLE' })
  expect(broken()).toEqual(['readFailure'])
  faults.begin('network: cut', 'service')
  read(monotonicMs(), { code: 'ERR_SECRET_UNAVAILABLE' })
  expect(judge.allowedFailures.get('cold read, steady cache: ERR_SECRET_UNAVAILABLE')).toBe(1)
  read(monotonicMs(), { code: 'ERR_SECRET_NOT_FOUND' })
  expect(broken()).toEqual(['readFailure', 'readFailure'])
})

it('a query that fails is a violation unless its own database is touched, and a refused one always', () => {
  faults.begin('postgres: restart', 'postgres')
  const [from, to] = [monotonicMs(), monotonicMs() + 5]
  const failed = (pool: string, isAuthError: boolean): void =>
    judge.query({ pool, succeeded: 1, failed: [{ from, to, code: 'ECONNRESET', isAuthError }] })
  failed('postgres', false)
  expect(broken()).toEqual([])
  failed('mariadb', false)
  failed('postgres', true)
  expect(broken()).toEqual(['queryFailure', 'auth'])
})

const failed = { code: 'ERR_SECRET_UNAVAILABLE' }

it('no fault excuses a read that fails though there is a last known good', () => {
  faults.begin('Secrets Manager: InternalServiceError', 'service')
  const now = monotonicMs()
  read(now, failed)
  expect(broken()).toEqual([])
  read(now + 10, two)
  read(now + 20, failed)
  expect(broken()).toEqual(['lastKnownGood'])
})

it('a read of what was evicted since, or one that began before the value was there, may fail', () => {
  faults.begin('Secrets Manager: InternalServiceError', 'service')
  const now = monotonicMs()
  read(now, two, 'jumpy', now + 10)
  read(now + 5, failed, 'jumpy', now + 20)
  judge.evicted({ cache: 'jumpy', secretId: 'key', at: now + 30 })
  read(now + 40, failed, 'jumpy')
  expect(broken()).toEqual([])
  read(now + 50, two, 'jumpy')
  read(now + 60, failed, 'jumpy')
  expect(broken()).toEqual(['lastKnownGood'])
})

it('an eviction that is told before the read that it followed is not forgotten', () => {
  faults.begin('Secrets Manager: InternalServiceError', 'service')
  const now = monotonicMs()
  judge.evicted({ cache: 'jumpy', secretId: 'key', at: now + 30 })
  read(now + 10, two, 'jumpy')
  read(now + 20, two, 'jumpy', now + 40)
  read(now + 50, failed, 'jumpy')
  expect(broken()).toEqual([])
  read(now + 60, two, 'jumpy')
  read(now + 70, failed, 'jumpy')
  expect(broken()).toEqual(['lastKnownGood'])
})

it('a refresh may fail while a fault lasts, and not because of one that is over', () => {
  const end = faults.begin('Secrets Manager: InternalServiceError', 'service')
  const now = monotonicMs()
  read(now, two)
  read(now + 5, failed, 'steady', now + 6, 'refresh')
  end()
  expect(broken()).toEqual([])
  read(monotonicMs() + 100, failed, 'steady', monotonicMs() + 101, 'refresh')
  expect(broken()).toEqual(['readFailure'])
})

it('a fault of one secret excuses nothing about another', () => {
  faults.begin('Secrets Manager: InternalServiceError', 'service of another')
  read(monotonicMs(), failed)
  expect(broken()).toEqual(['readFailure'])
})

it('no fault of a database excuses a query that fails for want of its secret', () => {
  faults.begin('postgres: restart', 'postgres')
  const [from, to] = [monotonicMs(), monotonicMs() + 5]
  judge.query({ pool: 'postgres', succeeded: 0, failed: [{ from, to, code: 'ERR_SECRET_UNAVAILABLE', isAuthError: false }] })
  expect(broken()).toEqual(['lastKnownGood'])
})
