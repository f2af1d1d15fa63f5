import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeCertificate, makeServerFolder } from '../support/server-process.js'
import { startScript } from '../support/typescript-process.js'

let server: Server
let certificateFile: string
const folder = makeServerFolder('tls')

beforeAll(async () => {
  const made = makeCertificate(folder, 'localhost')
  certificateFile = made.certificateFile
  const answer = JSON.stringify({
    ARN: 'a',
    Name: 'prod/key',
    VersionId: 'v',
    VersionStages: ['AWSCURRENT'],
    SecretString: 'one',
  })
  const identity = { key: readFileSync(made.keyFile), cert: made.certificate }
  server = createServer(identity, (_, response) => response.end(answer)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true })
})

function readByLite(trusted: Record<string, string>): ReturnType<typeof startScript> {
  const { port } = server.address() as AddressInfo
  const script = `import { SecretCache } from 'awscurrent/cache'
    import { liteSource } from 'awscurrent/lite'
    const source = liteSource({ region: 'eu-west-1', endpoint: 'https://localhost:${port}' })
    const secrets = new SecretCache({ source, loadTimeoutMs: 300 })
    console.log(await secrets.getSecretString('prod/key').catch(({ code, cause }) => code + ' ' + cause.code))`
  return startScript(script, { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing', ...trusted })
}

it('reads over TLS, and its open connection keeps no process alive', async () => {
  const { ended } = await readByLite({ NODE_EXTRA_CA_CERTS: certificateFile })
  expect(await ended).toMatchObject({ code: 0, stdout: 'one\n' })
})

it('refuses a server whose certificate nobody vouches for', async () => {
  const { ended } = await readByLite({})
  expect(await ended).toMatchObject({ code: 0, stdout: 'ERR_SECRET_UNAVAILABLE DEPTH_ZERO_SELF_SIGNED_CERT\n' })
})
