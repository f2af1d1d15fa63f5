import { aClock, aFlag, aFunction, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Clock } from '../core/time/clock.js'
import type { ExpiringLogin, IssuedLogin, LoginSource } from '../pools/login-source.js'
import { RenewedLogins } from './renewed-logins.js'
import { needed } from './token-source.js'

/** The options of `credentialsFrom`. */
export interface CredentialsFromOptions {
  /**
   * Returns a login that may be used now. Called ahead of the end of the last one, which stays in use if it rejects, and after ten seconds
   * given up, with `signal`. Without `id`, a login with the same user and password as the last one is the same.
   */
  get(options: { signal: AbortSignal }): Promise<IssuedLogin>
  /**
   * Returns another login than one that the server has rejected, for an issuer that keeps logins itself and would return the same one
   * again. @default `get`
   */
  refresh?(options: { signal: AbortSignal; refused: ExpiringLogin }): Promise<IssuedLogin>
  /** Whether the logins must be sent over TLS only. @default false */
  requiresTls?: boolean | undefined
  /** The clock of the ends, such as that of your tests. @default the clock of the machine */
  clock?: Clock | undefined
}

const rules: Readonly<Record<keyof CredentialsFromOptions, OptionRule>> = {
  get: aFunction,
  refresh: aFunction,
  requiresTls: aFlag,
  clock: aClock,
}

/**
 * Creates a source of logins from any issuer, such as Microsoft Entra ID or leases of HashiCorp Vault, to be passed to a pool, a client or a
 * swap as `credentials`.
 *
 * A login is renewed before it ends: a fifteen-minute one five minutes before, a longer one up to an hour before, never earlier than after
 * two thirds of its life. A new password of the same user closes no connection; a new user is proven first and then replaces the one
 * before, as in a rotation. A user that ends (`accountUntil`) is left before that.
 *
 * @example
 * const credentials = credentialsFrom({
 *   async get({ signal }) {
 *     const response = await fetch('https://vault.example.com/v1/database/creds/app', { signal })
 *     const { data, lease_duration } = (await response.json()) as { data: { username: string; password: string }; lease_duration: number }
 *     return { ...data, accountUntil: Date.now() + lease_duration * 1_000 }
 *   },
 * })
 */
export function credentialsFrom(options: CredentialsFromOptions): LoginSource {
  checkOptions('credentialsFrom', options, rules)
  const { get } = needed('credentialsFrom', options, ['get'])
  const { refresh, requiresTls, clock } = options
  return new RenewedLogins({
    owner: 'credentialsFrom',
    requiresTls,
    clock,
    issue: ({ signal, refused }) =>
      refused !== undefined && refresh !== undefined ? refresh({ signal, refused }) : get({ signal }),
  })
}
