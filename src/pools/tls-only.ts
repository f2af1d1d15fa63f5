import { SecretCacheError } from '../core/failures/errors.js'

/** The error of a login that anybody who sees it could use, and that would be sent without TLS; undefined if that is not so. */
export function tlsErrorOf(
  { tlsOnly }: { readonly tlsOnly?: boolean | undefined },
  hasTls: unknown,
): SecretCacheError | undefined {
  if (tlsOnly !== true || hasTls) return undefined
  return new SecretCacheError({
    code: 'ERR_SECRET_CONFIG',
    message: 'The token of this login must not be sent without TLS.',
    hint: 'Connect with TLS: turn it on in the options of the pool or client: ssl, or tls of ioredis (with Sentinel, enableTLSForSentinelMode too), with the certificate of the server if it is not public.',
  })
}

/** Throws that error. */
export function checkTls(login: { readonly tlsOnly?: boolean | undefined }, hasTls: unknown): void {
  const error = tlsErrorOf(login, hasTls)
  if (error !== undefined) throw error
}
