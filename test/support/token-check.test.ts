import { DsqlSigner } from '@aws-sdk/dsql-signer'
import { Signer } from '@aws-sdk/rds-signer'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { faultOf, type KnownKey, type TokenPurpose } from './token-check.js'

const key: KnownKey = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'one/two+three', sessionToken: 'a/b+c==' }
const region = 'eu-west-1'
const signedAt = Date.UTC(2030, 0, 1, 12)
const minuteMs = 60_000

const rds = { hostname: 'db.abc123.eu-west-1.rds.amazonaws.com', port: 5432, username: 'app', region }
const rdsPurpose: TokenPurpose = {
  service: 'rds-db',
  region,
  endpoint: 'db.abc123.eu-west-1.rds.amazonaws.com:5432',
  query: { Action: 'connect', DBUser: 'app' },
}

const dsqlPurpose: TokenPurpose = {
  service: 'dsql',
  region,
  endpoint: 'abc123.dsql.eu-west-1.on.aws',
  query: { Action: 'DbConnect' },
}

const credentialsOf = ({ accessKeyId, secretAccessKey, sessionToken }: KnownKey) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
})

const rdsToken = (options: Partial<typeof rds> = {}, by = key): Promise<string> =>
  new Signer({ ...rds, credentials: credentialsOf(by), ...options }).getAuthToken()

const dsqlSigner = (expiresIn?: number): DsqlSigner =>
  new DsqlSigner({
    hostname: dsqlPurpose.endpoint,
    region,
    credentials: credentialsOf(key),
    ...(expiresIn !== undefined && { expiresIn }),
  })

const check = (token: string, purpose = rdsPurpose, known: readonly KnownKey[] = [key], now = Date.now()) =>
  faultOf(token, purpose, { keyOf: id => known.find(({ accessKeyId }) => accessKeyId === id), now: () => now })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: signedAt })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a token of the RDS signer', () => {
  it('is valid from its signature until just before fifteen minutes have passed', async () => {
    const token = await rdsToken()
    expect(check(token, rdsPurpose, [key], signedAt)).toBeUndefined()
    expect(check(token, rdsPurpose, [key], signedAt + 15 * minuteMs - 1)).toBeUndefined()
    expect(check(token, rdsPurpose, [key], signedAt + 15 * minuteMs)).toBe('expired')
  })

  it('is valid at a server whose clock is five minutes behind, and no further', async () => {
    const token = await rdsToken()
    expect(check(token, rdsPurpose, [key], signedAt - 5 * minuteMs)).toBeUndefined()
    expect(check(token, rdsPurpose, [key], signedAt - 5 * minuteMs - 1)).toBe('not valid yet')
  })

  it('is valid with the keys of an IAM user, which come without a session token', async () => {
    const lasting = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'four' }
    expect(check(await rdsToken({}, lasting), rdsPurpose, [key, lasting])).toBeUndefined()
  })

  it('is valid for a user whose name has to be escaped', async () => {
    const username = "o'hara (app)*é &=/+"
    const purpose = { ...rdsPurpose, query: { Action: 'connect', DBUser: username } }
    expect(check(await rdsToken({ username }), purpose)).toBeUndefined()
  })

  it.each<[string, Parameters<typeof rdsToken>[0]]>([
    ['another endpoint', { hostname: 'other.abc123.eu-west-1.rds.amazonaws.com' }],
    ['another endpoint', { port: 5433 }],
    ['another Region', { region: 'us-east-1' }],
    ['other parameters', { username: 'admin' }],
  ])('is not valid for a purpose that it was not signed for: %s (%o)', async (fault, options) => {
    expect(check(await rdsToken(options))).toBe(fault)
  })

  it('is not valid once the access key that has signed it has ended or is gone', async () => {
    const token = await rdsToken()
    const ending = { ...key, endsAt: signedAt + minuteMs }
    expect(check(token, rdsPurpose, [ending], signedAt + minuteMs - 1)).toBeUndefined()
    expect(check(token, rdsPurpose, [ending], signedAt + minuteMs)).toBe('access key has ended')
    expect(check(token, rdsPurpose, [])).toBe('unknown access key')
  })

  it('is not valid with another secret key or another session token', async () => {
    expect(check(await rdsToken({}, { ...key, secretAccessKey: 'guessed' }))).toBe('another signature')
    expect(check(await rdsToken({}, { ...key, sessionToken: 'of another session' }))).toBe('another session token')
    const withoutSession = { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey }
    expect(check(await rdsToken({}, withoutSession))).toBe('another session token')
  })

  it.each([
    ['a longer life', /X-Amz-Expires=900/, 'X-Amz-Expires=9000'],
    ['a later date', /X-Amz-Date=20300101T120000Z/, 'X-Amz-Date=20300101T120001Z'],
    ['another signature', /X-Amz-Signature=.{8}/, 'X-Amz-Signature=00000000'],
  ])('is not valid after a change: %s', async (_, before, after) => {
    const token = await rdsToken()
    expect(token).toMatch(before)
    expect(check(token.replace(before, after))).toBe('another signature')
  })

  it.each([
    ['another day', /%2F20300101%2F/, '%2F20300102%2F'],
    ['another endpoint', /^db\./, 'db2.'],
    ['other parameters', /$/, '&Action2=connect'],
    ['not a token', /$/, '&Action=connect'],
    ['not a token', /X-Amz-Expires=900/, 'X-Amz-Expires=0'],
    ['not a token', /aws4_request/, 'aws4'],
    ['not a token', /SignedHeaders=host/, 'SignedHeaders=host%3Bdate'],
    ['not a token', /^/, 'https://'],
    ['not a token', /.*/, 'a password'],
    ['not a token', /DBUser=app/, 'DBUser=%'],
  ])('is recognized for what it has become: %s (%o, %s)', async (fault, before, after) => {
    expect(check((await rdsToken()).replace(before, after))).toBe(fault)
  })
})

describe('a token of the DSQL signer', () => {
  it('is valid for its own action alone', async () => {
    const admin = { ...dsqlPurpose, query: { Action: 'DbConnectAdmin' } }
    const [token, tokenOfAdmin] = [await dsqlSigner().getDbConnectAuthToken(), await dsqlSigner().getDbConnectAdminAuthToken()]
    expect(check(token, dsqlPurpose)).toBeUndefined()
    expect(check(tokenOfAdmin, admin)).toBeUndefined()
    expect(check(token, admin)).toBe('other parameters')
    expect(check(tokenOfAdmin, dsqlPurpose)).toBe('other parameters')
    expect(check(token, { ...dsqlPurpose, service: 'rds-db' })).toBe('another service')
  })

  it('is valid for as long as it says', async () => {
    const token = await dsqlSigner(60).getDbConnectAuthToken()
    expect(check(token, dsqlPurpose, [key], signedAt + minuteMs - 1)).toBeUndefined()
    expect(check(token, dsqlPurpose, [key], signedAt + minuteMs)).toBe('expired')
  })
})
