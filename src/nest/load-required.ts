import { isSecretCacheError, SecretCacheError } from '../core/failures/errors.js'
import type { SecretCache } from '../core/secret-cache.js'

/** Loads the secrets without which the application must not start. Rejects with the error of the first that fails, and names all others. */
export async function loadListed(cache: SecretCache, secretIds: readonly string[]): Promise<void> {
  const failed = (await cache.warmup(secretIds)).filter(result => result.outcome === 'failed')
  const [first, ...others] = failed
  if (first === undefined) return
  const more = others.map(({ secretId, error }) => `${secretId} (${error.code})`)
  throw startError(first.error, {
    problem: `AwscurrentModule cannot load ${first.secretId}, which is one of its secrets`,
    remedy: `${more.length > 0 ? `It cannot load ${more.join(', ')} either. ` : ''}To start without a secret, leave it out of the option secrets.`,
  })
}

/** Loads one secret that is injected. */
export async function loadInjected(cache: SecretCache, secretId: string): Promise<void> {
  try {
    await cache.getSecret(secretId)
  } catch (error) {
    if (!isSecretCacheError(error)) throw error
    throw startError(error, {
      problem: `${secretId} is injected and cannot be loaded`,
      remedy: `To start without it, write @InjectSecret('${secretId}', { optional: true }).`,
    })
  }
}

/** An error with the code of the original one, whose message says in addition how to start all the same. */
function startError(error: SecretCacheError, { problem, remedy }: { problem: string; remedy: string }): SecretCacheError {
  const { code, message, secretId, cause } = error
  return new SecretCacheError({ code, message: `${problem}: ${message}`, secretId, cause, hint: remedy })
}
