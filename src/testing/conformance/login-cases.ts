import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { ExpiringLogin, LoginSource } from '../../pools/login-source.js'

/** What a test of a source of logins needs. */
export interface LoginSourceEnvironment {
  /** The source. Nobody has asked it yet. */
  readonly source: LoginSource
  /** How many logins the issuer has issued. */
  issued(): number
  /** Lets the time pass until the current login has ended. */
  end(): void | Promise<void>
  /** Makes the issuer fail. */
  fail(): void | Promise<void>
  /** Ends that, and lets so much time pass that the source asks again. */
  recover(): void | Promise<void>
  /** Ends what `open` has started. */
  close?(): void | Promise<void>
}

/** One test: its title and what it checks. */
export type LoginCase = readonly [title: string, check: (environment: LoginSourceEnvironment) => Promise<void>]

/** The conformance tests for sources of logins. */
export const loginCases: readonly LoginCase[] = [
  [
    'issues nothing before somebody asks',
    async ({ source, issued }) => {
      assert.equal(source.type, 'streaming-credentials-provider')
      assert.equal(source.current(), undefined)
      assert.equal(issued(), 0)
    },
  ],
  [
    'issues one login for all who ask, and knows it from then on',
    async ({ source, issued }) => {
      const logins = await Promise.all(Array.from({ length: 100 }, () => source.get()))
      const [login] = logins as [ExpiringLogin]
      for (const field of ['id', 'username', 'password'] as const) assert.equal(typeof login[field], 'string', field)
      assert.deepEqual(new Set(logins.map(({ id }) => id)), new Set([login.id]))
      assert.equal(source.current()?.id, login.id)
      assert.equal((await source.get()).id, login.id)
      assert.equal(issued(), 1)
    },
  ],
  [
    'issues another login for one that was rejected, once for all who were rejected',
    async ({ source, issued }) => {
      const refused = await source.get()
      const others = await Promise.all(Array.from({ length: 20 }, () => source.refresh(refused)))
      const [other] = others as [ExpiringLogin]
      assert.notEqual(other.id, refused.id)
      assert.notEqual(other.password, refused.password)
      assert.deepEqual(new Set(others.map(({ id }) => id)), new Set([other.id]))
      assert.equal((await source.refresh(refused)).id, other.id)
      assert.equal(issued(), 2)
    },
  ],
  [
    'issues another login when one has ended',
    async ({ source, end }) => {
      const { id, loginUntil, accountUntil } = await source.get()
      assert.ok(loginUntil !== undefined || accountUntil !== undefined, 'the login tells its end')
      await end()
      assert.notEqual(source.current()?.id, id)
      assert.notEqual((await source.get()).id, id)
    },
  ],
  [
    'tells a subscriber of the logins that follow, until it has left',
    async ({ source }) => {
      const told: string[] = []
      const [first, subscription] = await source.subscribe({ onNext: ({ id }) => void told.push(id), onError() {} })
      const second = await source.refresh(first)
      assert.deepEqual(told, [second.id])
      subscription.dispose()
      subscription.dispose()
      await source.refresh(second)
      assert.deepEqual(told, [second.id])
    },
  ],
  [
    'keeps a login while it lasts, though the issuer fails',
    async ({ source, fail }) => {
      const login = await source.get()
      await fail()
      await assert.rejects(source.refresh(login))
      assert.equal((await source.get()).id, login.id)
    },
  ],
  [
    'rejects if it has no login, and issues one when the issuer has recovered',
    async ({ source, fail, recover }) => {
      await fail()
      await assert.rejects(source.get(), error => error instanceof Error)
      await assert.rejects(source.get(), error => error instanceof Error)
      await recover()
      assert.equal(typeof (await source.get()).id, 'string')
    },
  ],
  [
    'rejects a caller that has left with the reason of its signal',
    async ({ source }) => {
      const reason = new Error('left')
      await assert.rejects(source.get({ signal: AbortSignal.abort(reason) }), reason)
    },
  ],
  [
    'shows no password when it is inspected or written as JSON',
    async ({ source }) => {
      const { password } = await source.get()
      assert.ok(!inspect(source, { depth: 9, showHidden: true }).includes(password))
      assert.ok(!JSON.stringify(source).includes(password))
    },
  ],
]
