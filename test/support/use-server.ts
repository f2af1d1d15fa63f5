import { afterAll, beforeAll } from 'vitest'

interface Server {
  stop(): Promise<void>
}

/** The start of a server, and its end, which waits for the start: whoever has begun that may have given up on it. */
export function startAndStop<S extends Server>(begin: () => Promise<S>): { start(): Promise<S>; stop(): Promise<void> } {
  let starting: Promise<S> | undefined
  return {
    start() {
      starting = begin()
      return starting
    },
    async stop() {
      const server = await starting?.catch(() => undefined)
      await server?.stop()
    },
  }
}

/** Starts a server before the tests that stand beside the call, and stops it after them; also one that a hook has not waited for. */
export function useServer<S extends Server>(begin: () => Promise<S>): { readonly server: S } {
  const { start, stop } = startAndStop(begin)
  let server: S
  beforeAll(async () => {
    server = await start()
  })
  afterAll(stop)
  return {
    get server() {
      return server
    },
  }
}
