import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { cloudSqlLogins } from '../../examples/cloud-sql/index.js'
import { entraLogins } from '../../examples/entra/index.js'
import { vaultLogins } from '../../examples/vault/index.js'
import { rejectionOf } from '../support/rejection.js'

const hourMs = 3_600_000

it('the example of Entra ID logs in with the token for databases, until it ends', async () => {
  const asked: unknown[] = []
  const expiresOnTimestamp = Date.now() + hourMs
  const source = entraLogins(
    {
      async getToken(scope) {
        asked.push(scope)
        return { token: 'a token', expiresOnTimestamp }
      },
    },
    'app@example.com',
  )
  expect(await source.get()).toMatchObject({ username: 'app@example.com', password: 'a token', loginUntil: expiresOnTimestamp })
  expect([source.requiresTls, asked]).toEqual([true, ['https://ossrdbms-aad.database.windows.net/.default']])
})

it('the example of Vault reads a lease, whose user ends with it', async () => {
  let leases = 0
  const server = createServer((request, response) => {
    leases += 1
    const isAllowed = request.url === '/v1/database/creds/shop' && request.headers['x-vault-token'] === 'root'
    response.statusCode = isAllowed ? 200 : 403
    const data = { username: `v-shop-${leases}`, password: `password ${leases}` }
    response.end(JSON.stringify({ lease_id: `database/creds/shop/${leases}`, lease_duration: 3_600, data }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => void server.close(() => resolve())))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const source = vaultLogins(address, 'shop', 'root')
  const before = Date.now()
  const login = await source.get()
  expect(login).toMatchObject({ id: 'database/creds/shop/1', username: 'v-shop-1', password: 'password 1' })
  expect(login.accountUntil).toBeGreaterThanOrEqual(before + hourMs)
  expect(login.accountUntil).toBeLessThanOrEqual(Date.now() + hourMs)
  expect((await source.refresh(login)).username).toBe('v-shop-2')
  expect(await rejectionOf(vaultLogins(address, 'shop', 'wrong').get())).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
})

it('the example of Cloud SQL logs in with the access token of its client', async () => {
  const expiry = Date.now() + hourMs
  const client = { credentials: { expiry_date: expiry }, getAccessToken: async () => ({ token: 'ya29' }) }
  expect(await cloudSqlLogins(client, 'app@project.iam').get()).toMatchObject({ password: 'ya29', loginUntil: expiry })
  const without = { ...client, getAccessToken: async () => ({ token: null }) }
  expect(await rejectionOf(cloudSqlLogins(without, 'app@project.iam').get())).toMatchObject({ code: 'ERR_SECRET_FORMAT' })
})
