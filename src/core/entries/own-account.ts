import { parseSecretArn } from '../secrets/secret-id.js'

export function accountOf(arn: string): string | undefined {
  return parseSecretArn(arn)?.account
}

/**
 * The account in which plain names are looked up: that of the credentials.
 *
 * It is known once an answer to a plain name or the credentials have shown it, or if no other account is allowed. Until then a plain name
 * may be of any.
 */
export class OwnAccount {
  /** What answers or the credentials have shown. */
  shown: string | undefined
  readonly #presumed: string | undefined

  constructor(allowedAccounts: ReadonlySet<string> | undefined) {
    const [only] = allowedAccounts?.size === 1 ? allowedAccounts : []
    this.#presumed = only
  }

  /** Takes in the account of the credentials, if they tell it. An answer to a plain name says more. Says whether that is news. */
  learnFromCredentials(account: string | undefined): boolean {
    return this.shown === undefined && account !== undefined && this.#learn(account)
  }

  /** Undefined as long as it is not known. */
  get id(): string | undefined {
    return this.shown ?? this.#presumed
  }

  /** Takes in whose secret a plain name led to. Says whether that is news. */
  learnFromAnswer(arn: string): boolean {
    return this.#learn(accountOf(arn))
  }

  /** Whether a plain name is known to lead to secrets of this ARN's account. */
  owns(arn: string): boolean {
    return accountOf(arn) === this.id
  }

  #learn(account: string | undefined): boolean {
    const isNews = this.id !== account
    this.shown = account
    return isNews
  }
}
