import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PageGuard } from './page-guard.js'

const folder = new URL('page/', import.meta.url)
const files: Record<string, { name: string; type: string }> = {
  '/': { name: 'index.html', type: 'text/html' },
  '/page.css': { name: 'page.css', type: 'text/css' },
  '/page.js': { name: 'page.js', type: 'text/javascript' },
  '/chart.js': { name: 'chart.js', type: 'text/javascript' },
}
const safety = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
}

/** What the page shows and does. */
export interface Shown {
  /** What a page that has just been opened has missed. */
  history(): unknown
  /** Does what a button says; answers a sentence if that makes no sense now, and undefined for a button that does not exist. */
  press(button: string): { refusal?: string } | undefined
}

/** Serves the page to browsers of this machine: its files, what happens as server-sent events, and a POST for each button. */
export class PageServer {
  url = ''
  readonly #server: Server
  readonly #guard = new PageGuard()
  readonly #watchers = new Set<ServerResponse>()
  #shown: Shown | undefined

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** Fails with EADDRINUSE if the port is in use. */
  static async listen(port: number): Promise<PageServer> {
    const page = new PageServer()
    await new Promise<void>((resolve, reject) => {
      page.#server.once('error', reject)
      page.#server.listen(port, '127.0.0.1', resolve)
    })
    page.url = `http://127.0.0.1:${(page.#server.address() as AddressInfo).port}/`
    return page
  }

  /** How many pages are open. */
  get watchers(): number {
    return this.#watchers.size
  }

  show(shown: Shown): void {
    this.#shown = shown
  }

  /** Tells every page. */
  send(event: 'state' | 'log' | 'end', data: unknown): void {
    for (const watcher of this.#watchers) watcher.write(message(event, data))
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers) watcher.end()
    await new Promise(resolve => {
      this.#server.close(resolve)
      this.#server.closeIdleConnections()
    })
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.#guard.refusal(request)
    if (refusal !== undefined) say(response, 403, refusal)
    else if (this.#shown === undefined) say(response, 503, 'The demo is starting: reload the page in a moment.')
    else if (request.method === 'POST') press(this.#shown, request.url ?? '', response)
    else if (request.url === '/events') this.#watch(this.#shown, response)
    else this.#sendFile(request.url ?? '', response)
  }

  #sendFile(url: string, response: ServerResponse): void {
    const file = Object.hasOwn(files, url) ? files[url] : undefined
    if (file === undefined) say(response, 404, 'There is no such page.')
    else say(response, 200, readFileSync(new URL(file.name, folder), 'utf8').replace('{{token}}', this.#guard.token), file.type)
  }

  #watch(shown: Shown, response: ServerResponse): void {
    response.writeHead(200, { ...safety, 'Content-Type': 'text/event-stream' })
    response.write(message('history', shown.history()))
    this.#watchers.add(response)
    response.on('close', () => this.#watchers.delete(response))
  }
}

function press(shown: Shown, url: string, response: ServerResponse): void {
  const button = /^\/press\/([\w-]+)$/.exec(url)?.[1]
  const pressed = button === undefined ? undefined : shown.press(button)
  if (pressed === undefined) say(response, 404, 'There is no such button.')
  else say(response, pressed.refusal === undefined ? 200 : 409, pressed.refusal ?? 'Done.')
}

/** Connections are not kept: the last answer of the demo should not wait for a browser to let go. */
function say(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { ...safety, 'Content-Type': `${type}; charset=utf-8`, Connection: 'close' }).end(text)
}

function message(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
