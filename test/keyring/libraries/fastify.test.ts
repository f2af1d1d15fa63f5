import { randomBytes } from 'node:crypto'
import cookie from '@fastify/cookie'
import jwt, { type TokenOrHeader } from '@fastify/jwt'
import secureSession from '@fastify/secure-session'
import session from '@fastify/session'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { type CookieSigner, createKeyring } from '../../../src/keyring/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { ringed, signAfterMs } from '../ringed.js'
import { itFollows, type Library } from './behaviours.js'

declare module '@fastify/secure-session' {
  interface SessionData {
    value: string
  }
}

/** A library in an application with the routes `/sign/:value` and `/verify`. */
function inApp(app: FastifyInstance): Library {
  const cookiesOf = (given: string | string[] | undefined): string =>
    [given ?? []]
      .flat()
      .map(each => each.split(';')[0])
      .join('; ')
  return {
    async sign(value) {
      return cookiesOf((await app.inject(`/sign/${value}`)).headers['set-cookie'])
    },
    async verify(signed) {
      return (await app.inject({ url: '/verify', headers: { cookie: signed } })).body || undefined
    },
    close: () => app.close(),
  }
}

function withCookies(secret: string[] | CookieSigner): FastifyInstance {
  const app = Fastify()
  app.register(cookie, { secret })
  app.get<{ Params: { value: string } }>('/sign/:value', ({ params }, reply) =>
    reply.setCookie('value', params.value, { signed: true, path: '/' }).send(),
  )
  app.get('/verify', request => {
    const { valid, value } = request.unsignCookie(request.cookies.value ?? '')
    return valid ? value : ''
  })
  return app
}

function withSessions(secret: string[] | CookieSigner): FastifyInstance {
  const app = Fastify()
  app.register(cookie)
  app.register(session, { secret, cookie: { secure: false }, saveUninitialized: false })
  app.get<{ Params: { value: string } }>('/sign/:value', async ({ params, session }) => {
    session.set('value', params.value)
  })
  app.get('/verify', async ({ session }) => session.get('value') ?? '')
  return app
}

itFollows('@fastify/cookie', ({ ring }) => inApp(withCookies(ring.signer)))
itFollows('@fastify/session', ({ ring }) => inApp(withSessions(ring.signer)))

it.each([
  ['@fastify/cookie', (keys: string[]) => withCookies(keys)],
  ['@fastify/session', (keys: string[]) => withSessions(keys)],
])('%s signs with the old key for ever if it gets the array, which is why there is a signer', async (_, create) => {
  const { ring, clock, rotate } = await ringed()
  const app = inApp(create(ring.keys))
  await app.sign('first')
  await rotate('fresh')
  await clock.advance(signAfterMs)
  const signed = await app.sign('ann')
  expect(await app.verify(signed)).toBe('ann')
  await rotate('newest')
  expect(await app.verify(signed)).toBeUndefined()
  await app.close?.()
})

it('the signer and @fastify/cookie read what the other has signed', async () => {
  const { ring } = await ringed()
  const app = withCookies(ring.keys)
  await app.ready()
  expect(app.unsignCookie(ring.signer.sign('ann.b'))).toEqual({ valid: true, renew: false, value: 'ann.b' })
  expect(ring.signer.unsign(app.signCookie('ann.b'))).toEqual({ valid: true, renew: false, value: 'ann.b' })
  await app.close()
})

itFollows(
  '@fastify/jwt',
  async ({ ring }) => {
    const app = Fastify()
    app.register(jwt, {
      decode: { complete: true },
      secret: {
        private: async () => ring.current.key,
        public: async (_: FastifyRequest, token: TokenOrHeader) => ring.jwtKey('header' in token ? token.header : token),
      },
      sign: { algorithm: 'HS256' },
      verify: { algorithms: ['HS256'] },
    })
    app.get<{ Params: { value: string } }>('/sign/:value', ({ params }, reply) =>
      reply.jwtSign({ value: params.value }, { sign: { kid: ring.current.kid, key: ring.current.key } }),
    )
    app.get('/verify', async request => (await request.jwtVerify<{ value: string }>()).value)
    return {
      sign: async value => (await app.inject(`/sign/${value}`)).body,
      async verify(token) {
        const { statusCode, body } = await app.inject({ url: '/verify', headers: { authorization: `Bearer ${token}` } })
        return statusCode === 200 ? body : undefined
      },
      close: () => app.close(),
    }
  },
  { namesKey: true },
)

it('@fastify/secure-session copies the keys, so its process has to be started again after a rotation', async () => {
  const fake = new FakeSecretsManager({ secrets: { keys: randomBytes(32) } })
  await using cache = new SecretCache({ client: fake.client() })
  using ring = await createKeyring({ cache, secretId: 'keys', key: secret => secret.bytes(), signAfterMs: 0 })
  const open = (): Library => {
    const app = Fastify()
    app.register(secureSession, { key: ring.keys, cookie: { path: '/' } })
    app.get<{ Params: { value: string } }>('/sign/:value', async ({ params, session }) => {
      session.set('value', params.value)
    })
    app.get('/verify', async ({ session }) => session.get('value') ?? '')
    return inApp(app)
  }
  const running = open()
  const signed = await running.sign('ann')
  await cache.handleRotationEvent(fake.rotate('keys'))
  const started = open()
  expect([await running.verify(signed), await started.verify(signed)]).toEqual(['ann', 'ann'])
  const byStarted = await started.sign('bob')
  expect([await running.verify(byStarted), await started.verify(byStarted)]).toEqual([undefined, 'bob'])
  await Promise.all([running.close?.(), started.close?.()])
})
