import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { run } from './run.js'

const requirements = resolve('test/integration/moto/python/requirements.txt')
// Other packages have another environment.
const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
const environment = resolve(`node_modules/.cache/awscurrent/moto-${digest}`)
const program = `${environment}/bin/moto_server`

/** A running moto: an imitation of AWS by people who know nothing of this package. */
export interface MotoServer {
  /** Where the AWS clients find it. */
  endpoint: string
  stop(): Promise<void>
}

/** Starts moto on a free port of this machine; installs it into a Python environment of its own when it is not there yet. */
export async function startMoto(): Promise<MotoServer> {
  if (!existsSync(program)) install()
  const server = spawn(program, ['--host', '127.0.0.1', '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(server, 'exit')
  const endpoint = await new Promise<string>((found, failed) => {
    let output = ''
    // The listener stays: moto would stop at a pipe that nobody empties.
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [address] = output.match(/http:\/\/127\.0\.0\.1:\d+(?=\s)/) ?? []
      if (address !== undefined) found(address)
    })
    server.once('error', failed)
    server.once('exit', () => failed(new Error(`moto did not start:\n${output}`)))
  })
  return {
    endpoint,
    stop: async () => {
      server.kill()
      await exited
    },
  }
}

function install(): void {
  try {
    run('python3', ['-m', 'venv', '--clear', environment])
  } catch (cause) {
    throw new Error('The moto suite needs python3 with its venv module (python3-venv in Debian and Ubuntu).', { cause })
  }
  // A package without a checksum is refused, and so is one whose own code would run to install it.
  const rules = ['--require-hashes', '--only-binary', ':all:']
  run(`${environment}/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', ...rules, '--requirement', requirements])
}
