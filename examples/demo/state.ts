// What the page is told. It is checked with the types of a browser, so nothing is imported here.

/** How the secret rotates. */
export type Strategy = 'single-user' | 'alternating-users'

/** A rotation that goes on. */
export interface RunningRotation {
  strategy: Strategy
  /** Whether the database has the new password, and AWSCURRENT is still the old one. */
  inWindow: boolean
}

/** What can go wrong for as long as somebody wants. */
export type Trouble = 'outage' | 'throttling' | 'deniedPending' | 'lostEvents'

/** How many queries a side makes in a second. */
export interface Rate {
  queries: number
  failures: number
}

/** One point of the charts. */
export interface Sample {
  rates: Rate[]
  inWindow: boolean
}

/** What the page shows beside its charts and its log: names, counts and codes, never a value of a secret. */
export interface State {
  sample: Sample
  sides: {
    name: string
    queries: number
    failures: number
    errors: [code: string, count: number][]
    connections: [version: string, count: number][]
  }[]
  versions: [version: string, labels: readonly string[]][]
  rotation: RunningRotation | null
  troubles: Trouble[]
}
