import type { CredentialsEvent, RefusedEvent, RetiredEvent, WindowEvent } from '../pools/pool-events.js'

/** From now on, work starts on a client of this version. */
export type SwapCredentialsEvent = Omit<CredentialsEvent, 'user'>

/** A client of an older version, which was no longer in use, was drained. */
export interface SwapRetiredEvent extends Omit<RetiredEvent, 'user' | 'versionId'> {
  /** The version that the client was created from. */
  readonly versionId: string
  /** Whether `drain` succeeded. */
  readonly drained: boolean
}

/**
 * The events of a swap. They are also published on the diagnostics channels `awscurrent:credentials` and so on. They never contain anything
 * from the secret.
 */
export type SwapEvent = SwapCredentialsEvent | SwapRetiredEvent | WindowEvent | RefusedEvent

/** The event of one type. */
export type SwapEventOf<Type extends SwapEvent['type']> = Extract<SwapEvent, { type: Type }>
