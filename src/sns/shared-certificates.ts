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
  const certificates = certificatesBy.get(fetch) ?? new Certificates(fetch, downloads, completeClock(clock))
  certificatesBy.set(fetch, certificates)
  return certificates
}

function sharedOf(clock: Clock | undefined): Shared {
  const key = clock ?? machine
  const shared = sharedBy.get(key) ?? { downloads: new Downloads(completeClock(clock)), certificatesBy: new WeakMap() }
  sharedBy.set(key, shared)
  return shared
}
