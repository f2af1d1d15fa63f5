import pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clientConfigs } from '../../src/pg/client-config.js'
import type { PgClientClass, PgConfig } from '../../src/pg/driver.js'
import type { Login } from '../../src/pools/login.js'

const secret: Login = {
  versionId: 'v1',
  user: 'app',
  password: 'of the secret',
  host: 'secret-host',
  port: 1111,
  database: 'secret-db',
  ssl: undefined,
}
const bare: Login = { ...secret, host: undefined, port: undefined, database: undefined }

/** What the driver itself makes of the options that a pool and a secret give. */
function connects(options: PgConfig, ...logins: Login[]): pg.Client {
  const configFor = clientConfigs(options, pg.Client as unknown as PgClientClass)
  const [last] = logins.map(login => new pg.Client(configFor(login) as pg.ClientConfig)).slice(-1)
  return last as pg.Client
}

afterEach(() => vi.unstubAllEnvs())

describe('a connection string', () => {
  const socket = { host: '/var/run/postgresql' }
  it.each<[string, object]>([
    ['postgres://db.example', { host: 'db.example', port: 1111, database: 'secret-db', ssl: false }],
    ['postgres://db.example:2222', { host: 'db.example', port: 2222, database: 'secret-db' }],
    ['postgres://other:pw@db.example/mine', { host: 'db.example', port: 1111, database: 'mine' }],
    ['postgresql://other:p%40%2F%3A@db.example:2222/my%20db', { host: 'db.example', port: 2222, database: 'my db' }],
    ['postgres:///mine', { host: 'secret-host', port: 1111, database: 'mine' }],
    ['postgres://?host=db.example&port=2222', { host: 'db.example', port: 2222, database: 'secret-db' }],
    ['postgres://h/d?user=other&password=pw', { host: 'h', database: 'd' }],
    ['postgres://db.example/mine?ssl=true', { ssl: true }],
    ['postgres://db.example/mine?sslmode=disable', { ssl: false }],
    ['postgres://db.example/mine?sslmode=no-verify', { ssl: { rejectUnauthorized: false } }],
    ['postgres:///mine?host=/var/run/postgresql', { ...socket, database: 'mine' }],
    ['postgres://other:pw@/mine?host=/var/run/postgresql', { ...socket, database: 'mine' }],
    ['postgres://other:pw@/mine', { host: 'secret-host', port: 1111, database: 'mine' }],
    ['postgres://other@%2Fvar%2Frun%2Fpostgresql/mine', { ...socket, database: 'mine' }],
    ['/var/run/postgresql mine', { ...socket, database: 'mine' }],
    ['/var/run/postgresql', { ...socket, database: 'secret-db' }],
    ['socket:/var/run/postgresql?db=mine', { ...socket, database: 'mine' }],
    ['socket:/var/run/postgresql', { ...socket, database: 'secret-db' }],
    ['', { host: 'secret-host', port: 1111, database: 'secret-db' }],
  ])('%s is heeded, and what it leaves out comes from the secret', (connectionString, expected) => {
    const client = connects({ connectionString }, secret)
    expect(client).toMatchObject({ ...expected, user: 'app', password: 'of the secret' })
  })

  it('that says nothing of TLS leaves that to the secret, also where it is no URL', () => {
    for (const connectionString of ['postgres://other:pw@/mine', 'postgres://db.example', '']) {
      expect(connects({ connectionString }, { ...secret, ssl: true }).ssl).toBe(true)
    }
  })

  it('keeps its other parameters', () => {
    const { connectionParameters } = connects(
      { connectionString: 'postgres://other:pw@/mine?application_name=shop&statement_timeout=500' },
      secret,
    ) as unknown as { connectionParameters: object }
    expect(connectionParameters).toMatchObject({ application_name: 'shop', statement_timeout: '500' })
  })
})

describe('the environment', () => {
  it('names neither user nor password, and fills in what pool and secret leave out', () => {
    vi.stubEnv('PGUSER', 'from the environment')
    vi.stubEnv('PGPASSWORD', 'from the environment')
    vi.stubEnv('PGHOST', 'environment-host')
    vi.stubEnv('PGDATABASE', 'environment-db')
    const credentials = { user: 'app', password: 'of the secret' }
    expect(connects({}, bare)).toMatchObject({ ...credentials, host: 'environment-host', database: 'environment-db' })
    expect(connects({}, secret)).toMatchObject({ ...credentials, host: 'secret-host', database: 'secret-db' })
  })
})

describe('a database that nobody names', () => {
  const clone = { ...bare, user: 'app_clone' }

  it('stays that of the first user when users take turns', () => {
    expect(connects({}, bare, clone)).toMatchObject({ user: 'app_clone', database: 'app' })
  })

  it.each([
    ['options', { user: 'shop' }],
    ['connection string', { connectionString: 'postgres://shop:pw@db.example' }],
  ])('is that of the user in the %s, as without a secret', (_, options) => {
    expect(connects(options, clone)).toMatchObject({ user: 'app_clone', database: 'shop' })
  })

  it('is taken from the secret as soon as that names one', () => {
    expect(connects({}, bare, secret).database).toBe('secret-db')
  })
})

it("what the options say goes before the secret's word, also if that changes", () => {
  const ssl = { ca: 'certificate' }
  const client = connects({ host: 'db.example', port: 2222, database: 'mine', ssl }, secret, { ...secret, host: 'elsewhere' })
  expect(client).toMatchObject({ host: 'db.example', port: 2222, database: 'mine', ssl })
})
