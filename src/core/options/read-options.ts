/** What every get takes. */
export interface ReadOptions {
  /** A staging label. @default the cache's own, AWSCURRENT */
  versionStage?: string
  /** One exact version. */
  versionId?: string
  /** Ends this read's waiting. A load that others wait for goes on. */
  signal?: AbortSignal
}

/** Throws a TypeError for what is not a read's options: a label in the wrong place would read another version than was meant. */
export function checkReadOptions(options: ReadOptions): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('The options of a read are an object.')
  const { versionStage, versionId, signal } = options
  for (const [name, value] of Object.entries({ versionStage, versionId })) {
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw new TypeError(`${name} must be a string that is not empty.`)
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError('signal must be an AbortSignal.')
}
