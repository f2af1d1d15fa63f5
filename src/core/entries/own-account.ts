import { parseSecretArn } from '../secrets/secret-id.js'

export function accountOf(arn: string): string | undefined {
  return parseSecretArn(arn)?.account
}

/**
 * The account in which plain names are looked up: that of the credentials.
 *
 * It is known once a response to a plain name or the credentials have shown it, or if only one account is allowed. Until then, a plain name
 * may be in any account.
 */
export class OwnAccount {
  /** The account that a response or the credentials have shown. */
  shown: string | undefined
  readonly #presumed: string | undefined

  constructor(allowedAccounts: ReadonlySet<string> | undefined) {
    const [only] = allowedAccounts?.size === 1 ? allowedAccounts : []
    this.#presumed = only
  }

  /** Learns the account of the credentials, unless a response has shown it already. Returns whether the account is new. */
  learnFromCredentials(account: string | undefined): boolean {
    return this.shown === undefined && account !== undefined && this.#learn(account)
  }

  /** Undefined as long as it is not known. */
  get id(): string | undefined {
    return this.shown ?? this.#presumed
  }

  /** Learns the account from the response to a plain name. Returns whether the account is new. */
  learnFromAnswer(arn: string): boolean {
    return this.#learn(accountOf(arn))
  }

  /** Whether plain names are known to be in the account of this ARN. */
  owns(arn: string): boolean {
    return accountOf(arn) === this.id
  }

  #learn(account: string | undefined): boolean {
    const isNews = this.id !== account
    this.shown = account
    return isNews
  }
}
