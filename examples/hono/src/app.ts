import type { SecretCache } from 'awscurrent'
import type { Keyring } from 'awscurrent/keyring'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import type { Pool } from 'pg'

interface Services {
  secrets: SecretCache
  database: Pool
  ring: Keyring
}

export interface Env {
  Variables: Services
}

/** Hands the cache, the pool and the keys to each request, in `c.var`. */
const provide = ({ secrets, database, ring }: Services) =>
  createMiddleware<Env>(async (c, next) => {
    c.set('secrets', secrets)
    c.set('database', database)
    c.set('ring', ring)
    await next()
  })

export function createApp(services: Services): Hono<Env> {
  const app = new Hono<Env>()
  app.use(provide(services))

  app.get('/ready', async c => {
    try {
      await c.var.database.query('SELECT 1')
      return c.json({ ready: true })
    } catch (error) {
      console.warn(error)
      return c.json({ ready: false }, 503)
    }
  })

  app.get('/key', async c => {
    const key = await c.var.secrets.getSecret('prod/api-key')
    return c.json({ versionId: key.versionId, length: key.text().length })
  })

  app.post('/orders', async c => {
    const { item } = await c.req.json()
    await c.var.database.query('INSERT INTO orders (item) VALUES ($1)', [item])
    return c.json({}, 201)
  })

  // Not setSignedCookie: it takes one key, and so does getSignedCookie.
  app.post('/session', async c => {
    const { user } = await c.req.json()
    setCookie(c, 'user', c.var.ring.signer.sign(user), { httpOnly: true, sameSite: 'Lax' })
    return c.json({}, 201)
  })

  app.get('/session', c => {
    const { valid, value } = c.var.ring.signer.unsign(getCookie(c, 'user') ?? '')
    return valid ? c.json({ user: value }) : c.json({}, 401)
  })

  return app
}
