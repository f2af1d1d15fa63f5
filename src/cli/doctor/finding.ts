/** How a check ended: `unknown` if the doctor could not check it. */
export type Status = 'ok' | 'warning' | 'problem' | 'unknown'

/** The checks, in the order in which they run. */
export type CheckId =
  | 'identity'
  | 'region'
  | 'account'
  | 'read-current'
  | 'read-pending'
  | 'key'
  | 'rule'
  | 'target'
  | 'topic'
  | 'topic-policy'
  | 'topic-key'
  | 'subscription'
  | 'raw-delivery'
  | 'queue'
  | 'queue-policy'
  | 'queue-key'
  | 'test-event'

/** What one check has found. It contains ARNs and names, never a value or a key of a secret. */
export interface Finding {
  readonly id: CheckId
  readonly status: Status
  /** One sentence. */
  readonly what: string
  /** What to do about it; a statement or pattern that it mentions follows. */
  readonly remedy?: string
  /** The statement to add to a policy. */
  readonly statement?: object
  /** The event pattern of a rule. */
  readonly pattern?: object
}

/** What a finding says about its remedy. */
export type Remedy = Pick<Finding, 'remedy' | 'statement' | 'pattern'>

export const ok = (id: CheckId, what: string): Finding => ({ id, status: 'ok', what })

export const warning = (id: CheckId, what: string, remedy: Remedy = {}): Finding => ({ id, status: 'warning', what, ...remedy })

export const problem = (id: CheckId, what: string, remedy: Remedy): Finding => ({ id, status: 'problem', what, ...remedy })

export const unknown = (id: CheckId, what: string, remedy: Remedy = {}): Finding => ({ id, status: 'unknown', what, ...remedy })
