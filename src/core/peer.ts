/** An optional peer is needed and not there. */
export class MissingPeerError extends Error {
  override readonly name = 'MissingPeerError'
  readonly peer: string

  constructor(peer: string) {
    super(`The package ${peer} is not installed.`)
    this.peer = peer
  }
}

/** Loads an optional peer, or says which package to install. Pass the import itself, so that bundlers see its name. */
export async function loadPeer<Module>(peer: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') throw new MissingPeerError(peer)
    throw error
  }
}
