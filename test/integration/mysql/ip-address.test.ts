import mysqlDriver from 'mysql2/promise'
import { describe, expect, inject, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { attachPool, createPool } from '../../../src/mysql2/index.js'
import { mysql } from '../../../src/rotation/index.js'
import { rejectionOf } from '../../support/rejection.js'
import { rotating } from '../../support/rotating.js'
import { useServer } from '../../support/use-server.js'
import { startServer } from './database.js'

const host = '127.0.0.1'

describe.each([host, 'localhost'])('a server that is reached by its IP address, with a certificate for %s', certificateFor => {
  const used = useServer(() => startServer({ certificateFor }))

  /** What comes of it, and of a certificate for another host. */
  const hasRightCertificate = certificateFor === host
  const outcomeOf = (work: Promise<unknown>): Promise<unknown> => (hasRightCertificate ? work : rejectionOf(work))
  const secret = (): object => {
    const { port, username, password } = used.server
    return { engine: inject('mysqlServer'), host, port, username, password }
  }

  it('is rotated only if the certificate is its own', async () => {
    const { rotate, read } = rotating({ db: { ...secret() } }, { engine: mysql({ mysql: mysqlDriver, ca: used.server.ca }) })
    const outcome = await outcomeOf(rotate('db').then(() => ({ code: read('db').host, message: '' })))
    const refused = { code: 'ERR_ROTATION_STEP', message: expect.stringContaining('for another host') }
    expect(outcome).toMatchObject(hasRightCertificate ? { code: host } : refused)
    used.server.password = read('db').password
  })

  describe.each(['createPool', 'attachPool'] as const)('and a pool by %s', how => {
    /** The user that a query runs as, on a pool whose user asks for TLS in this way. */
    const ask = async (ssl: mysqlDriver.SslOptions & Record<string, unknown>): Promise<unknown> => {
      const { fake } = rotating({ db: { ...secret() } }, { engine: mysql({ mysql: mysqlDriver }) })
      await using cache = new SecretCache({ client: fake.client() })
      const follow = { cache, secretId: 'db' }
      const { port } = used.server
      const pool =
        how === 'createPool'
          ? createPool(mysqlDriver, { ...follow, ssl })
          : attachPool(mysqlDriver.createPool({ host, port, ssl }), follow)
      try {
        const [rows] = await pool.query<mysqlDriver.RowDataPacket[]>('SELECT 1 AS one')
        return rows[0]?.one
      } finally {
        await pool.end()
      }
    }

    it('is queried only if the certificate is its own', async () => {
      const outcome = await outcomeOf(ask({ ca: used.server.ca, verifyIdentity: true }))
      const refused = { code: 'HANDSHAKE_SSL_ERROR', message: expect.stringContaining(`IP: ${host} is not in the cert's list`) }
      expect(outcome).toEqual(hasRightCertificate ? 1 : expect.objectContaining(refused))
    })

    it('is queried whatever the certificate, if its user does not have mysql2 check whose it is', async () => {
      expect(await ask({ ca: used.server.ca })).toBe(1)
      expect(await ask({ ca: used.server.ca, checkServerIdentity: () => undefined })).toBe(1)
    })
  })
})
