import mysqlDriver from 'mysql2/promise'
import { expect, inject, it } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { rejectionOf } from '../../support/rejection.js'
import { rotating } from '../../support/rotating.js'
import { startServer } from './database.js'

/** Rotates the administrator of a server with a certificate, reached by an IP address. */
async function rotateBy(host: string, certificateFor: string): Promise<unknown> {
  const server = await startServer({ certificateFor })
  try {
    const { port, username, password, ca } = server
    const secret = { engine: inject('mysqlServer'), host, port, username, password }
    const { rotate, read } = rotating({ db: secret }, { engine: mysql({ mysql: mysqlDriver, ca }) })
    await rotate('db')
    return read('db')
  } finally {
    await server.stop()
  }
}

it('the certificate of a server that is reached by its IP address is checked against that', async () => {
  expect(await rotateBy('127.0.0.1', '127.0.0.1')).toMatchObject({ host: '127.0.0.1' })
})

it('a certificate for localhost is not one for an IP address', async () => {
  const error = await rejectionOf(rotateBy('127.0.0.1', 'localhost'))
  expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', message: expect.stringContaining('for another host') })
})
