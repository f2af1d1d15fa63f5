import { connect, isIP, type Socket } from 'node:net'

/** Where a server is, as mysql2 is told. */
export interface VerifiableAddress {
  host: string
  port: number
  /** Opens the connection in the driver's place. */
  stream?: () => Socket
}

/**
 * A server's address, so that mysql2 checks the certificate against it. Where the host is an IP address, mysql2 gives Node no name to
 * check, and Node then takes any certificate for `localhost`. With a dot at its end, which Node leaves out of account, the address passes
 * for a name; as that is none to resolve, the connection is opened here.
 */
export function verifiableAddress(
  host: string,
  port: number,
  options: { keepAlive?: boolean; keepAliveInitialDelay?: number } = {},
): VerifiableAddress {
  if (isIP(host) === 0) return { host, port }
  return { host: `${host}.`, port, stream: () => connect({ ...options, host, port, noDelay: true }) }
}
