import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { StartedProcess } from '../support/started-process.js'
import { ask, pageOf, startDemo } from './demo-page.js'

describe('the server of the live page', () => {
  let demo: StartedProcess
  let url: string
  let token: string

  beforeAll(async () => {
    demo = startDemo('--seconds', '3600')
    url = await pageOf(demo)
    ;[, token = ''] = /name="demo-token" content="([\w-]{32})"/.exec((await ask(url)).answer) ?? []
    expect(token).not.toBe('')
  })

  afterAll(async () => {
    demo.child.kill('SIGINT')
    await demo.ended
  })

  const own = (): Record<string, string> => ({ origin: url.slice(0, -1), 'x-demo-token': token })

  it('does what the page asks, and names what it has not', async () => {
    expect(await ask(`${url}press/cut`, { method: 'POST', headers: own() })).toEqual({ status: 200, answer: 'Done.' })
    const unknown = { status: 404, answer: 'There is no such button.' }
    expect(await ask(`${url}press/toString`, { method: 'POST', headers: own() })).toEqual(unknown)
    expect(await ask(`${url}press/`, { method: 'POST', headers: own() })).toEqual(unknown)
    expect(await ask(`${url}index.ts`)).toEqual({ status: 404, answer: 'There is no such page.' })
    expect(await ask(`${url}toString`)).toEqual({ status: 404, answer: 'There is no such page.' })
  })

  it.each([
    ['of another name that leads here', 'GET', () => ({ host: 'attacker.example' })],
    ['of another name, with all the rest', 'POST', () => ({ ...own(), host: 'attacker.example' })],
    ['of another site', 'POST', () => ({ ...own(), origin: 'https://attacker.example' })],
    ['without an origin', 'POST', () => ({ 'x-demo-token': token })],
    ['without the token of the page', 'POST', () => ({ origin: url.slice(0, -1) })],
    ['with another token', 'POST', () => ({ ...own(), 'x-demo-token': token.toLowerCase() })],
  ] as const)('refuses a request %s', async (_, method, headers) => {
    const path = method === 'GET' ? '' : 'press/cut'
    expect(await ask(url + path, { method, headers: headers() })).toMatchObject({ status: 403 })
  })

  it('sends no password to the page', async () => {
    const answer = await fetch(`${url}events`)
    let sent = ''
    for await (const chunk of answer.body!) {
      sent += Buffer.from(chunk).toString()
      if (sent.split('event: state').length > 3) break
    }
    expect(sent).toContain('"versions":[["v1"')
    expect(sent).not.toMatch(/first password|password"/)
  })
})

describe('the demo with a live page', () => {
  const folders = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('awscurrent-postgres-'))

  it('ends by itself when nobody watches, and leaves nothing', async () => {
    const before = folders()
    const demo = startDemo('--seconds', '10', '--window', '0')
    const url = await pageOf(demo)
    const own = folders().filter(folder => !before.includes(folder))
    const { code, stdout, stderr } = await demo.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/1 rotation, and no query of awscurrent failed\./)
    await expect(fetch(url)).rejects.toThrow()
    expect(own.length).toBeGreaterThan(0)
    expect(folders()).not.toEqual(expect.arrayContaining(own))
  })

  it('goes on while somebody watches, and tells the page that it ends', async () => {
    const demo = startDemo('--seconds', '10', '--window', '0')
    const answer = await fetch(`${await pageOf(demo)}events`)
    await demo.said('  15.')
    demo.child.kill('SIGINT')
    const sent = await answer.text()
    expect(sent).toMatch(/event: end\ndata: "The demo is over: npm run demo starts it again\."\n\n$/)
    // The page has buttons for rotations: none comes by itself.
    expect(sent).not.toContain('a rotation begins')
    const { code, stdout } = await demo.ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/\nInterrupted\.\n$/)
  })

  it('says in one line that its port is in use, and starts nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stdout, stderr } = await startDemo('--port', String(port)).ended
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `Port ${port} is in use: name another with --port, or leave --port out for a free one.\n`,
    })
  })

  it('serves none for --no-page', async () => {
    const { code, stdout, stderr } = await startDemo('--no-page', '--seconds', '10', '--window', '0').ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toContain('Live')
    expect(stdout).toMatch(/no query of awscurrent failed/)
  })

  it.each([['--port', '70000'], ['--port', 'many'], ['--pages']])('refuses %s %s', async (...args) => {
    const { code, stdout, stderr } = await startDemo(...args).ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('[--port 8080 | --no-page]')
  })
})
