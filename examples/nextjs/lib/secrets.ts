import { SecretCache } from 'awscurrent'

// Next.js loads this module more than once: for the instrumentation, for the routes, and again after each change in development.
const kept = globalThis as { secrets?: SecretCache }

/** The one cache of the process. It is made with the first call, because `next build` loads this module, too. */
export function secrets(): SecretCache {
  kept.secrets ??= new SecretCache({ ttlMs: Number(process.env.SECRETS_TTL_MS ?? 300_000) })
  return kept.secrets
}
