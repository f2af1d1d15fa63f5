import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { run } from '../support/run.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the documentation site. */
    siteFolder: string
    /** Where it is served, without a slash at the end. */
    siteUrl: string
  }
}

/** Builds the site, unless SITE names a folder with it, and serves it; returns what ends that. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const built = process.env.SITE
  const temporary = mkdtempSync(join(tmpdir(), 'awscurrent-site-'))
  if (built === undefined) run('npm', ['run', 'docs', '--', temporary])
  const folder = built === undefined ? temporary : resolve(built)
  const server = await serve(folder)
  project.provide('siteFolder', folder)
  project.provide('siteUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.closeAllConnections()
    await new Promise(closed => server.close(closed))
    rmSync(temporary, { recursive: true })
  }
}

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

/** Serves the files of a folder, as any host of static pages does. */
async function serve(folder: string): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname)
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end('Not found')
      return
    }
    response.setHeader('Cache-Control', 'max-age=600')
    response.setHeader('Content-Type', types[extname(file)] ?? 'text/plain')
    response.end(readFileSync(file))
  })
  server.listen(0, '127.0.0.1')
  await new Promise(listening => server.once('listening', listening))
  return server
}
