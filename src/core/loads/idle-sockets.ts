/** As much of an `Agent` of `node:http` as is needed here. */
export interface SocketPool {
  readonly freeSockets?: { readonly [origin: string]: readonly { destroy(): void }[] | undefined } | undefined
}

/**
 * Closes the connections that wait for a request, so that the next one opens its own. After a thaw all of them may be dead, and nothing
 * but a request shows it. Those that are in use stay.
 */
export function closeIdleSockets(pool: SocketPool | undefined): void {
  for (const sockets of Object.values(pool?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy()
}
