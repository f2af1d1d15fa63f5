/** An optional peer dependency is needed but not installed. */
export class MissingPeerError extends Error {
  override readonly name = 'MissingPeerError'
  readonly peer: string

  constructor(peer: string) {
    super(`The package ${peer} is not installed.`)
    this.peer = peer
  }
}

/** The error to reject with if the import of an optional peer failed: it names the package to install, unless there is another reason. */
export function peerFailure(peer: string, thrown: unknown): unknown {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown }
  // Vite replaces an optional peer that it does not find with code that throws this.
  if (String(message).startsWith(`Could not resolve "${peer}"`)) return new MissingPeerError(peer)
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return thrown
  // The package may be installed but lack a dependency of its own: then Node's message names that one.
  const missing = /'([^']+)'/.exec(String(message))?.[1] ?? peer
  return missing.includes(peer) ? new MissingPeerError(peer) : thrown
}

/** Loads an optional peer; rejects with an error that names the package to install. Pass the import itself, so that bundlers see it. */
export async function loadPeer<Module>(peer: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    throw peerFailure(peer, error)
  }
}
