import { expect, it, onTestFinished } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { startScript } from '../support/typescript-process.js'
import { keyNamed } from './ringed.js'

/** A process of a service: over HTTP it issues tokens and cookies, verifies those of the others, and hears of rotations. */
const script = `
import { once } from 'node:events'
import { createServer } from 'node:http'
import { jwtVerify, SignJWT } from 'jose'
import { SecretCache } from 'awscurrent/cache'
import { createKeyring } from 'awscurrent/keyring'
import { liteSource } from 'awscurrent/lite'

const { ENDPOINT, REGION } = process.env
const cache = new SecretCache({ source: liteSource({ region: REGION, endpoint: ENDPOINT }) })
const tokens = await createKeyring({ cache, secretId: 'keys', key: secret => Buffer.from(secret.text()) })
const cookies = await createKeyring({ cache, secretId: 'keys' })

const routes = {
  async token() {
    const { kid, key } = tokens.current
    return new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'HS256', kid }).sign(key)
  },
  cookie: async () => cookies.signer.sign('ann'),
  verifyToken: token => jwtVerify(token, tokens.jwtKey).then(({ payload }) => payload.sub, error => error.code),
  verifyCookie: async cookie => String(cookies.signer.unsign(cookie).value),
  async forge(count) {
    const forged = Array.from({ length: Number(count) }, (_, n) => tokens.find('forged-' + n))
    return String((await Promise.all(forged)).filter(key => key !== undefined).length)
  },
  hear: async event => (await cache.handleRotationEvent(event))[0].outcome,
}
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  response.end(await routes[request.url.slice(1)](body))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
console.log('listens on ' + server.address().port + '.')
`

/** A process, and a function that calls one of its routes. */
async function start(env: Record<string, string>): Promise<(route: string, body?: string) => Promise<string>> {
  const { child, ended, said } = await startScript(script, env)
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  const [, port] = /listens on (\d+)\./.exec(await said('.')) ?? []
  return async (route, body = '') => (await fetch(`http://127.0.0.1:${port}/${route}`, { method: 'POST', body })).text()
}

it('three processes accept the tokens and cookies of each other through a rotation that only one is told of', async () => {
  const fake = new FakeSecretsManager({ secrets: { keys: keyNamed('old') } })
  await using server = await fake.listen()
  const env = { ENDPOINT: server.endpoint, REGION: fake.region, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' }
  const fleet = [await start(env), await start(env), await start(env)] as const
  const [told] = fleet

  const issue = (route: string): Promise<string[]> => Promise.all(fleet.map(call => call(route)))
  const verify = async (route: string, issued: string[]): Promise<string[]> => {
    const answers = await Promise.all(issued.flatMap(each => fleet.map(call => call(route, each))))
    return [...new Set(answers)]
  }
  const [tokens, cookies] = [await issue('token'), await issue('cookie')]
  expect(await told('hear', JSON.stringify(fake.rotate('keys', keyNamed('fresh'))))).toBe('refreshed')

  fake.resetCalls()
  const [laterTokens, laterCookies] = [await issue('token'), await issue('cookie')]
  const keyIds = laterTokens.map(token => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid)
  expect(new Set(keyIds).size).toBe(2)
  expect(await verify('verifyToken', [...tokens, ...laterTokens])).toEqual(['ann'])
  expect(await verify('verifyCookie', [...cookies, ...laterCookies])).toEqual(['ann'])
  // One lookup of the new key in each process that was not told.
  expect(fake.count()).toBe(2)

  expect(await Promise.all(fleet.map(call => call('forge', '3000')))).toEqual(['0', '0', '0'])
  // Those that have looked up a key are in their cooldown.
  expect(fake.count()).toBe(3)
  expect(await verify('verifyToken', await issue('token'))).toEqual(['ann'])
})
