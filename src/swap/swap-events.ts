import type { CredentialsEvent, RefusedEvent, RetiredEvent, WindowEvent } from '../pools/pool-events.js'

/** Work begins on a client of this version from now on. */
export type SwapCredentialsEvent = Omit<CredentialsEvent, 'user'>

/** A client of an older version was drained: nobody used it any more. */
export interface SwapRetiredEvent extends Omit<RetiredEvent, 'user' | 'versionId'> {
  /** The version that the client was made from. */
  readonly versionId: string
  /** Whether `drain` went well. */
  readonly drained: boolean
}

/** What a swap tells its listeners, and the channels `awscurrent:credentials` and so on. Never anything of the secret. */
export type SwapEvent = SwapCredentialsEvent | SwapRetiredEvent | WindowEvent | RefusedEvent

/** The event of one type. */
export type SwapEventOf<Type extends SwapEvent['type']> = Extract<SwapEvent, { type: Type }>
