// Names that the documentation's recipes use without declaring them again.
import type { SecretCache } from 'awscurrent'

declare global {
  /** The cache of the quick start. */
  const secrets: SecretCache
  /** A call of some HTTP API with a key. */
  function callApi(key: string): Promise<unknown>
  /** What such a call rejects with. */
  class HttpError extends Error {
    readonly status: number
  }
}
