import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { save } from '../local/support.js'
import { type ScriptProcess, startScript } from '../support/typescript-process.js'

let folder: string
let running: ScriptProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'awscurrent-local-'))
})
afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  await rm(folder, { recursive: true })
})

/** Starts a script that has a cache on the file `secrets.json` of the folder. */
async function start(script: string): Promise<{ running: ScriptProcess; file: string }> {
  const file = join(folder, 'secrets.json')
  save(file, { key: 'one' })
  running = await startScript(
    `import { SecretCache } from 'awscurrent'
     import { fileSource } from 'awscurrent/local'
     const secrets = new SecretCache({ source: fileSource(${JSON.stringify(file)}) })
     console.log(await secrets.getSecretString('key'))
     ${script}`,
  )
  return { running, file }
}

it('a watched file keeps no process alive, though its cache is never closed', async () => {
  const { running } = await start('')
  expect(await running.ended).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' })
})

it('a process that lives hears of an edit', async () => {
  const { running, file } = await start(
    `secrets.on('rotated', async () => {
       console.log(await secrets.getSecretString('key'))
       process.exit()
     })
     setInterval(() => {}, 1_000)`,
  )
  await running.said('one')
  save(file, { key: 'two' })
  expect(await running.ended).toMatchObject({ code: 0, stdout: 'one\ntwo\n' })
})
