import { describe, expect, it } from 'vitest'
import { configFor, leftToSecret } from '../../src/mysql2/connection-config.js'
import type { Login } from '../../src/pools/login.js'

const login: Login = { versionId: 'v1', user: 'app', password: 'one', host: 'db', port: 3306, database: 'shop', ssl: true }
const base = { user: 'other', password: 'another', passwordSha1: 'sha1', host: 'localhost', port: 1, connectTimeout: 10_000 }

describe('the configuration of a connection', () => {
  it("has TLS with the certificate and the host's identity verified, if the secret asks for TLS", () => {
    const config = configFor(base, login, leftToSecret({}))
    expect(config.ssl).toEqual({ rejectUnauthorized: true, verifyIdentity: true })
    expect(configFor(base, { ...login, ssl: false }, leftToSecret({})).ssl).toBe(false)
  })

  it('has user and password of the login, whatever it was given', () => {
    const config = configFor(base, login, leftToSecret({}))
    expect(config).toMatchObject({
      user: 'app',
      password: 'one',
      passwordSha1: undefined,
      host: 'db',
      port: 3306,
      database: 'shop',
    })
  })

  it.each([
    ['host', { host: 'given' }, { host: 'localhost' }],
    ['port', { port: 7 }, { port: 1 }],
    ['uri', { uri: 'mysql://given:7/theirs?ssl=x' }, { host: 'localhost', port: 1 }],
  ])('keeps the address that the user gave: %s', (_, given, kept) => {
    expect(configFor(base, login, leftToSecret(given))).toMatchObject(kept)
  })

  it('keeps the database and the TLS of a uri', () => {
    const config = configFor(base, login, leftToSecret({ uri: 'mysql://given/theirs?ssl=x' }))
    expect([config.database, config.ssl]).toEqual([undefined, undefined])
  })

  describe('with an IP address for its host', () => {
    const byIp = { ...base, host: '10.0.0.7', enableKeepAlive: true, keepAliveInitialDelay: 1_000 }
    const ssl = { verifyIdentity: true, checkServerIdentity: () => undefined }
    const given = leftToSecret({ host: 'given', ssl: {} })

    it('tells mysql2 a name to check, opens the connection itself, and leaves TLS as its user wants it', () => {
      const config = configFor({ ...byIp, ssl }, login, given)
      expect(config).toMatchObject({ host: '10.0.0.7.', stream: expect.any(Function) })
      expect(config.ssl).toBe(ssl)
    })

    it.each([
      ['nobody checks whose the certificate is', { ssl: { rejectUnauthorized: true } }],
      ['there is no TLS', { ssl: false }],
      ['its user opens the connection', { ssl, stream: () => {} }],
      ['it is made by a socket file', { ssl, socketPath: '/run/mysqld.sock' }],
    ])('is as it was given where %s', (_, options) => {
      expect(configFor({ ...byIp, ...options }, login, given)).toEqual({
        ...byIp,
        ...options,
        user: 'app',
        password: 'one',
        passwordSha1: undefined,
        port: 3306,
        database: 'shop',
      })
    })
  })
})
