/** The part of an `Agent` of `node:http` that is used here. */
export interface SocketPool {
  readonly freeSockets?: { readonly [origin: string]: readonly { destroy(): void }[] | undefined } | undefined
}

/**
 * Closes the idle connections, so that the next request opens a new one. After a thaw, all of them may be dead, which only a request would
 * show. Connections in use stay open.
 */
export function closeIdleSockets(pool: SocketPool | undefined): void {
  for (const sockets of Object.values(pool?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy()
}
