import { type Clock, completeClock } from '../core/time/clock.js'
import { Certificates, type FetchCertificate } from './certificates.js'
import { Downloads } from './downloads.js'

/** What all messages of the process share, but for tests with clocks of their own. */
interface Shared {
  readonly downloads: Downloads
  readonly certificatesBy: WeakMap<FetchCertificate, Certificates>
}

const sharedBy = new WeakMap<object, Shared>()
const machine = {}

/**
 * Certificates are public: whoever fetches them in the same way shares them.
 *
 * A function that is made anew for each message knows none, but its downloads are counted with all others.
 */
export function sharedCertificates(fetch: FetchCertificate, clock: Clock | undefined): Certificates {
  const { downloads, certificatesBy } = sharedOf(clock)
  return kept(certificatesBy, fetch, () => new Certificates(fetch, downloads, completeClock(clock)))
}

function sharedOf(clock: Clock | undefined): Shared {
  return kept(sharedBy, clock ?? machine, () => ({
    downloads: new Downloads(completeClock(clock)),
    certificatesBy: new WeakMap(),
  }))
}

function kept<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  const there = map.get(key)
  if (there !== undefined) return there
  const made = make()
  map.set(key, made)
  return made
}
