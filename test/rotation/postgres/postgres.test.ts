import { expect, it } from 'vitest'
import { type PgClientConfig, postgres } from '../../../src/rotation/index.js'
import { rotating } from '../../support/rotating.js'

const user = { engine: 'postgres', host: 'db.example', username: 'app', password: 'one' }

/** A driver that notes what it is made with and asked, and lets in whoever has the old password. */
function notingDriver(
  refuse: (config: PgClientConfig) => object | undefined = () => undefined,
  { refusesAt = 'connect' }: { refusesAt?: 'connect' | 'query' } = {},
) {
  const logins: PgClientConfig[] = []
  const statements: string[] = []
  let password = 'one'
  class Client {
    readonly config: PgClientConfig
    constructor(config: PgClientConfig) {
      this.config = config
    }
    on(): void {}
    async connect(): Promise<void> {
      logins.push(this.config)
      const refusal = refuse(this.config)
      if (refusal !== undefined) throw Object.assign(new Error(), refusal)
      if (refusesAt === 'connect') this.checkPassword()
    }
    checkPassword(): void {
      if (this.config.password !== password) throw Object.assign(new Error(), { code: '28P01' })
    }
    async query(text: string): Promise<{ rows: unknown[] }> {
      this.checkPassword()
      statements.push(text)
      // The server would take the new one from here.
      if (text.includes('ALTER ROLE')) password = JSON.parse(String(pendingOf?.())).password
      return { rows: [] }
    }
    async end(): Promise<void> {}
  }
  let pendingOf: (() => unknown) | undefined
  return {
    logins,
    statements,
    async rotate() {
      const { rotate, fake } = rotating({ db: user }, { engine: postgres({ pg: { Client } }) })
      pendingOf = () => fake.perform('GetSecretValue', { SecretId: 'db', VersionStage: 'AWSPENDING' }).SecretString
      await rotate('db')
    },
  }
}

it('every session begins with the search path of the catalog, and every transaction pins it again', async () => {
  const { rotate, logins, statements } = notingDriver()
  await rotate()
  expect(new Set(logins.map(({ options }) => options))).toEqual(
    new Set(['-c search_path=pg_catalog,pg_temp -c standard_conforming_strings=on']),
  )
  expect(statements).toEqual([
    'SELECT pg_catalog.now()',
    expect.stringMatching(/^BEGIN READ WRITE;\nSET LOCAL search_path TO pg_catalog, pg_temp;\nSET LOCAL ROLE NONE;/),
    'SELECT pg_catalog.now()',
    'SELECT pg_catalog.now()',
  ])
})

it.each([
  ['PgBouncer', { code: '08P01', message: 'unsupported startup parameter: options' }],
  ['PgBouncer 1.20 and newer', { code: '08P01', message: 'unsupported startup parameter in options: search_path' }],
  ['RDS Proxy', { code: '0A000', message: "RDS Proxy currently doesn't support command-line options" }],
])('without them where a pooler forbids settings at start-up, as %s does', async (_, refusal) => {
  const { rotate, logins, statements } = notingDriver(({ options }) => (options === undefined ? undefined : refusal))
  await rotate()
  expect(logins.at(-1)).not.toHaveProperty('options')
  expect(statements[1]).toContain('SET LOCAL search_path TO pg_catalog, pg_temp')
})

it('tries once where a login fails for another reason', async () => {
  const { rotate, logins } = notingDriver(() => ({ code: '53300', message: 'too many clients' }))
  await expect(rotate()).rejects.toMatchObject({ cause: { code: '53300' } })
  expect(logins).toHaveLength(1)
})

it('a refusal that a pooler hands on with the first query is one, as at the login', async () => {
  const { rotate, logins } = notingDriver(undefined, { refusesAt: 'query' })
  await rotate()
  expect(logins.map(({ password }) => password === 'one')).toEqual([false, true, false, false])
})
