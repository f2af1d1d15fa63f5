import { createSecretKey } from 'node:crypto'
import { createLocalJWKSet, exportJWK, jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { expect, it, vi } from 'vitest'
import { createKeyring } from '../../../src/keyring/index.js'
import { rejectionOf } from '../../support/rejection.js'
import { ringed } from '../ringed.js'
import { itFollows, type Library } from './behaviours.js'

itFollows(
  'jsonwebtoken',
  ({ ring }) => ({
    sign: async value => jsonwebtoken.sign({ value }, ring.current.key, { keyid: ring.current.kid, algorithm: 'HS256' }),
    verify: token =>
      new Promise(resolve => {
        jsonwebtoken.verify(token, ring.jwtKeyCallback, { algorithms: ['HS256'] }, (_, payload) => {
          resolve((payload as { value: string } | undefined)?.value)
        })
      }),
  }),
  { namesKey: true },
)

itFollows(
  'jose',
  async ({ cache }): Promise<Library> => {
    const ring = await createKeyring({ cache, secretId: 'keys', key: secret => Buffer.from(secret.text()) })
    return {
      async sign(value) {
        const { kid, key } = ring.current
        return new SignJWT({ value }).setProtectedHeader({ alg: 'HS256', kid }).sign(key)
      },
      async verify(token) {
        try {
          const { payload } = await jwtVerify<{ value: string }>(token, ring.jwtKey, { algorithms: ['HS256'] })
          return payload.value
        } catch {
          return undefined
        }
      },
      async close() {
        ring.close()
      },
    }
  },
  { namesKey: true },
)

it('jose and jsonwebtoken pass on why there is no key', async () => {
  const { ring } = await ringed()
  const token = jsonwebtoken.sign({}, ring.current.key)
  expect(await rejectionOf(jwtVerify(token, async header => Buffer.from(await ring.jwtKey(header))))).toMatchObject({
    code: 'ERR_SECRET_VERSION',
  })
  const [error] = await new Promise<unknown[]>(resolve => {
    jsonwebtoken.verify(token, ring.jwtKeyCallback, (...given) => resolve(given))
  })
  expect(String(error)).toBe(
    'JsonWebTokenError: error in secret or public key callback: The token names no key of keys. Sign it with ring.current, and set kid in its header to ring.current.kid.',
  )
})

it('createLocalJWKSet of jose takes no symmetric keys, which is why there is jwtKey', async () => {
  const { ring } = await ringed()
  const { kid, key } = ring.current
  const jwk = { ...(await exportJWK(createSecretKey(key, 'utf8'))), kid, alg: 'HS256' }
  expect(jwk.kty).toBe('oct')
  const token = jsonwebtoken.sign({}, key, { keyid: kid })
  await expect(jwtVerify(token, createLocalJWKSet({ keys: [jwk] }))).rejects.toMatchObject({ code: 'ERR_JOSE_NOT_SUPPORTED' })
})

/** The part of `@auth/core/jwt` that is used. Its own types bring those of a browser with them, for all files. */
interface SessionTokens {
  encode(params: { token: { sub: string }; secret: string[]; salt: string }): Promise<string>
  decode(params: { token: string; secret: string[]; salt: string }): Promise<{ sub?: string } | null>
}

itFollows('@auth/core', async ({ ring }) => {
  const { encode, decode } = await vi.importActual<SessionTokens>('@auth/core/jwt')
  const salt = 'authjs.session-token'
  return {
    sign: value => encode({ token: { sub: value }, secret: [...ring.keys], salt }),
    async verify(token) {
      try {
        return (await decode({ token, secret: [...ring.keys], salt }))?.sub
      } catch {
        return undefined
      }
    },
  }
})
