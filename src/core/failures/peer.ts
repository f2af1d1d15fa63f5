/** An optional peer is needed and not there. */
export class MissingPeerError extends Error {
  override readonly name = 'MissingPeerError'
  readonly peer: string

  constructor(peer: string) {
    super(`The package ${peer} is not installed.`)
    this.peer = peer
  }
}

/** What to reject with if the import of an optional peer has failed: which package to install, unless it failed for another reason. */
export function peerFailure(peer: string, thrown: unknown): unknown {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown }
  // What Vite puts in the place of an optional peer that it does not find.
  if (String(message).startsWith(`Could not resolve "${peer}"`)) return new MissingPeerError(peer)
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return thrown
  // A bundle may have the package and lack one that it needs: Node's own message then says which.
  const missing = /'([^']+)'/.exec(String(message))?.[1] ?? peer
  return missing.includes(peer) ? new MissingPeerError(peer) : thrown
}

/** Loads an optional peer, or says which package to install. Pass the import itself, so that bundlers see its name. */
export async function loadPeer<Module>(peer: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    throw peerFailure(peer, error)
  }
}
