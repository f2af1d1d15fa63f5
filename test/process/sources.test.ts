import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { type ScriptProcess, startScript } from '../support/typescript-process.js'

let running: ScriptProcess | undefined

afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
})

/** A port at which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it.each([
  ['agentSource', 'agent', (port: number) => `{ port: ${port}, token: 'token' }`],
  ['liteSource', 'lite', (port: number) => `{ region: 'eu-west-1', endpoint: 'http://127.0.0.1:${port}' }`],
])(
  'a process lives until a read of %s that it awaits has failed, through the pauses between attempts',
  async (name, entry, options) => {
    running = await startScript(
      `import { ${name} } from 'awscurrent/${entry}'
     const source = ${name}(${options(await freePort())})
     await source.get({ secretId: 'prod/key' }, { signal: new AbortController().signal }).catch(() => console.log('failed'))`,
      { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' },
    )
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'failed\n' })
  },
)
