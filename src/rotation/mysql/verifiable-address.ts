import { connect, isIP } from 'node:net'
import type { MysqlConnectionConfig } from './driver.js'

/**
 * A server's address, so that mysql2 checks the certificate against it. Where the host is an IP address, mysql2 gives Node no name to
 * check, and Node then takes any certificate for `localhost`. With a dot at its end, which Node leaves out of account, the address passes
 * for a name; as that is none to resolve, the connection is opened here.
 */
export function verifiableAddress(host: string, port: number): Pick<MysqlConnectionConfig, 'host' | 'port' | 'stream'> {
  if (isIP(host) === 0) return { host, port }
  return { host: `${host}.`, port, stream: () => connect({ host, port, noDelay: true }) }
}
