import { SecretCacheError } from '../core/failures/errors.js'

/** Throws if a login that anybody who sees it could use would be sent without TLS. */
export function checkTls({ tlsOnly }: { readonly tlsOnly?: boolean | undefined }, ssl: unknown): void {
  if (tlsOnly !== true || ssl) return
  throw new SecretCacheError({
    code: 'ERR_SECRET_CONFIG',
    message: 'The token of this login must not be sent without TLS.',
    hint: 'Connect with TLS: ssl of a pool, tls or rediss:// of a Redis client. Does an option turn it off (ssl: false, sslmode=disable)?',
  })
}
