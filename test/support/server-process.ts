import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCertificate as makeX509 } from './x509.js'

const deadlineMs = 30_000

/** Database servers refuse to run as root, or advise against it. `nobody` has this number wherever root runs tests. */
export const unprivileged: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** The path of a server's program. Debian keeps servers where the search path of a user does not lead. */
export function findProgram(name: string, debianPackage: string): string {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  const found = folders.map(folder => join(folder, name)).find(existsSync)
  if (found === undefined) throw new Error(`These tests need ${name}: apt-get install ${debianPackage}`)
  return found
}

/** A folder of the server's own, below the system's temporary one. */
export function makeServerFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `awscurrent-${name}-`))
  giveAway(folder)
  return folder
}

/** Gives a file to the user that the server runs as. */
export function giveAway(path: string): void {
  const { uid, gid } = unprivileged
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
}

/** A key and a certificate that vouches for itself: who trusts `certificate` trusts the server, if its name is right. */
export function makeCertificate(folder: string, name: string): { keyFile: string; certificateFile: string; certificate: string } {
  const [keyFile, certificateFile] = [join(folder, 'server.key'), join(folder, 'server.crt')]
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const dayMs = 86_400_000
  const [validFrom, validTo] = [new Date(Date.now() - dayMs), new Date(Date.now() + dayMs)]
  const certificate = makeX509({ publicKey, privateKey, name, validFrom, validTo })
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(certificateFile, certificate)
  giveAway(keyFile)
  giveAway(certificateFile)
  return { keyFile, certificateFile, certificate }
}

/** Those that run, which end with this process at the latest: a hook may give up on a start, and one of the end on that. */
const running = new Set<ChildProcess>()
const endAll = (): void => {
  for (const child of running) child.kill('SIGKILL')
}
process.on('exit', endAll)
// By which vitest ends the process of a test file.
process.once('SIGTERM', () => {
  endAll()
  process.kill(process.pid, 'SIGTERM')
})

/** A server that runs in a folder of its own. */
export interface ServerProcess {
  port: number
  /** What it writes goes there. */
  logFile: string
  /** Ends it and starts it again, on the same port with the same data. */
  restart(): Promise<void>
  /** Ends it by its process id and removes the folder. */
  stop(): Promise<void>
}

/** How a server is started. */
export interface ServerCommand {
  program: string
  args(port: number): string[]
  folder: string
  /** What its log says when it can be used. */
  ready: string
  /** How it is asked to end at once, connections or not. */
  endSignal: NodeJS.Signals
}

/** Starts a server on a free port of this machine and waits until it can be used. */
export async function startServer({ program, args, folder, ready, endSignal }: ServerCommand): Promise<ServerProcess> {
  const logFile = join(folder, 'server.log')
  const port = await freePort()
  const log = openSync(logFile, 'a')
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const earlier = readLog({ logFile }).length
    // The server writes the file itself: what a statement logs is there when the statement has been answered.
    const started = spawn(program, args(port), { stdio: ['ignore', log, log], cwd: folder, ...unprivileged })
    child = started
    running.add(started)
    started.once('exit', () => running.delete(started))
    await untilReady(started, () => readLog({ logFile }).includes(ready, earlier))
  }
  const end = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(endSignal)
    await exited
  }
  const restart = async (): Promise<void> => {
    await end()
    await start()
  }
  const stop = async (): Promise<void> => {
    await end()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (cause) {
    const output = readLog({ logFile })
    await stop()
    throw new Error(`${program} did not start:\n${output}`, { cause })
  }
  return { port, logFile, restart, stop }
}

/** What a server has logged so far. */
export function readLog({ logFile }: { logFile: string }): string {
  return readFileSync(logFile, 'utf8')
}

async function untilReady(child: ChildProcess, isReady: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + deadlineMs
  while (!isReady()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('It has ended.')
    if (Date.now() > giveUpAt) throw new Error(`It was not ready within ${deadlineMs} ms.`)
    await sleep(20)
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.')
  return address.port
}
