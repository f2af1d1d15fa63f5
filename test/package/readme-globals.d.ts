// Names that the README's recipes use without declaring them again.
import type { SecretCache } from 'awscurrent'

declare global {
  /** The cache of the quick start. */
  const secrets: SecretCache
}
