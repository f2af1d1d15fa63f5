/** Whom a source has asked: what an error cannot tell of itself. */
export interface Asked {
  readonly region: string | undefined
  /** Whether the service has ever answered. Until then, one that refuses connections is probably not the one that is meant. */
  readonly hasAnswered: boolean
}

/** A symbol that two copies of the package in one process share. It is not enumerable, so nobody prints it. */
const note = Symbol.for('awscurrent.asked')

/** Notes it on an error, which stays the source's own. */
export function noteAsked(thrown: unknown, asked: Asked | undefined): void {
  // Of a primitive it cannot be noted, and Object.isExtensible says so.
  if (Object.isExtensible(thrown)) Object.defineProperty(thrown, note, { value: asked, configurable: true })
}

/** What was noted on an error. */
export function askedOf(error: object): Asked | undefined {
  return (error as { [note]?: Asked })[note]
}

/** Whether an answer had begun when it was thrown: then the request had reached the service. Never throws, whatever a getter does. */
export function isOfAnswer(thrown: unknown): boolean {
  try {
    const error = thrown as { $metadata?: { httpStatusCode?: unknown }; $response?: unknown } | null | undefined
    return (error?.$metadata?.httpStatusCode ?? error?.$response) !== undefined
  } catch {
    return false
  }
}
