import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'

/** Between the end of the worker that held a place and the next attempt, so that a place that nobody can take costs no time. */
const pauseMs = 100

/**
 * A place that one worker thread of a process holds at a time. It is a socket in the abstract namespace of Linux, through which nothing is
 * sent: the system frees it when its thread ends, however that ends, and closes the connections of those that wait for it. Other systems
 * have no such names; there, every worker has the place.
 */
export class WorkerPlace {
  readonly #path: string

  constructor(name: string) {
    this.#path = `\0awscurrent/${processId()}/${name}`
  }

  /** Takes the place. Resolves with what frees it again, or with undefined if another worker holds it. */
  async take(): Promise<(() => void) | undefined> {
    if (process.platform !== 'linux') return () => {}
    const waiting = new Set<Socket>()
    const server = createServer(socket => waiting.add(socket.unref())).unref()
    server.listen(this.#path)
    try {
      await once(server, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
      throw error
    }
    return () => {
      server.close()
      for (const socket of waiting) socket.destroy()
    }
  }

  /** Calls `onFree` once the place may be free. The returned function ends the wait. */
  whenFree(onFree: () => void): () => void {
    const socket = connect(this.#path).unref()
    let timer: NodeJS.Timeout | undefined
    socket.on('error', () => {})
    socket.once('close', () => {
      timer = setTimeout(onFree, pauseMs).unref()
    })
    return () => {
      socket.removeAllListeners('close').destroy()
      clearTimeout(timer)
    }
  }
}

/** Identifies a process also among containers that share a network, and so these names, in which each begins with process 1. */
function processId(): string {
  try {
    return `${readlinkSync('/proc/self/ns/pid')}/${process.pid}`
  } catch {
    return String(process.pid)
  }
}
