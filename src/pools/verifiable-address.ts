import { connect, isIP, type Socket } from 'node:net'

/** The address of a server in the form of mysql2's options. */
export interface VerifiableAddress {
  host: string
  port: number
  /** Opens the connection instead of the driver. */
  stream?: () => Socket
}

/**
 * The address of a server in a form that makes mysql2 check the certificate against it. If the host is an IP address, mysql2 gives Node no
 * name to check, and Node then accepts any certificate for `localhost`. With a dot at its end, which Node ignores, the address is treated
 * as a name; since that name cannot be resolved, the connection is opened here.
 */
export function verifiableAddress(
  host: string,
  port: number,
  options: { keepAlive?: boolean; keepAliveInitialDelay?: number } = {},
): VerifiableAddress {
  if (isIP(host) === 0) return { host, port }
  return { host: `${host}.`, port, stream: () => connect({ ...options, host, port, noDelay: true }) }
}
