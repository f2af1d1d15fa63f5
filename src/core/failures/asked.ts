/** The service that a source has called, which its error does not contain. */
export interface Asked {
  readonly region: string | undefined
  /** Whether the service has ever responded. Until then, an endpoint that refuses connections is probably the wrong one. */
  readonly hasAnswered: boolean
}

/** A symbol that two copies of the package in one process share. The property is not enumerable, so loggers do not print it. */
const note = Symbol.for('awscurrent.asked')

/** Attaches it to an error, which is otherwise left unchanged. */
export function noteAsked(thrown: unknown, asked: Asked | undefined): void {
  // A primitive cannot have it; Object.isExtensible returns false for one.
  if (Object.isExtensible(thrown)) Object.defineProperty(thrown, note, { value: asked, configurable: true })
}

/** Returns what `noteAsked` attached to an error. */
export function askedOf(error: object): Asked | undefined {
  return (error as { [note]?: Asked })[note]
}

/** Whether a response had begun when it was thrown, so the request had reached the service. Never throws, even if a getter does. */
export function isOfAnswer(thrown: unknown): boolean {
  try {
    const error = thrown as { $metadata?: { httpStatusCode?: unknown }; $response?: unknown } | null | undefined
    return (error?.$metadata?.httpStatusCode ?? error?.$response) !== undefined
  } catch {
    return false
  }
}
