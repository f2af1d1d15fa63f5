import dns, { type LookupOptions } from 'node:dns'

/** What becomes of the question for the address of a name. */
export type DnsFault = 'EAI_AGAIN' | 'ENOTFOUND' | 'no answer'

const lookup = dns.lookup
let fault: DnsFault | undefined
let unanswered: (() => void)[] = []

/** Has every look-up of this process fail, or wait until the fault is over; without a fault they work again. */
export function breakDns(next: DnsFault | undefined): void {
  fault = next
  const held = unanswered
  unanswered = []
  for (const ask of held) ask()
}

function unreliableLookup(hostname: string, options: LookupOptions, callback: (error: Error | null) => void): void {
  if (fault === 'no answer') unanswered.push(() => unreliableLookup(hostname, options, callback))
  else if (fault === undefined) lookup(hostname, options, callback)
  else {
    const error = Object.assign(new Error(`getaddrinfo ${fault} ${hostname}`), { code: fault, syscall: 'getaddrinfo', hostname })
    process.nextTick(callback, error)
  }
}

// node:net asks by this property, for each connection anew.
dns.lookup = unreliableLookup as typeof dns.lookup
