/** Which version of a secret is meant. */
export interface Selector {
  readonly versionStage?: string | undefined
  readonly versionId?: string | undefined
}

/**
 * A handle that stays good: a secret by the id that was asked for, and which version of it.
 *
 * What it leads to may be merged, evicted or deleted while somebody waits. Who comes back after a wait looks it up again.
 */
export interface Place {
  readonly secretId: string
  readonly selector: Selector
}
