import { type Clock, completeClock } from '../core/time/clock.js'
import { Certificates, type FetchCertificate } from './certificates.js'
import { Downloads } from './downloads.js'

/** What all messages of the process share, except in tests with their own clocks. */
interface Shared {
  readonly downloads: Downloads
  readonly certificatesBy: WeakMap<FetchCertificate, Certificates>
}

const sharedBy = new WeakMap<object, Shared>()
const machine = {}

/**
 * Certificates are public, so all callers that fetch them with the same function share them.
 *
 * A function that is created anew for each message shares no certificates, but its downloads count against the same limits.
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
