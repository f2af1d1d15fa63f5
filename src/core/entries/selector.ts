/** Selects a version of a secret, by its label or its id. */
export interface Selector {
  readonly versionStage?: string | undefined
  readonly versionId?: string | undefined
}

/**
 * A reference to an entry that stays valid: the requested id of a secret, and which version of it.
 *
 * The entry may be merged, evicted or deleted during a wait, so it is looked up again after each one.
 */
export interface Place {
  readonly secretId: string
  readonly selector: Selector
}
