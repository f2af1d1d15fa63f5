import { SecretCache } from 'awscurrent'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'

interface Env {
  Variables: { apiKey: string }
}

export const secrets: SecretCache = new SecretCache()

/** Hands the current key to each request, as `c.var.apiKey`. */
const apiKey = createMiddleware<Env>(async (c, next) => {
  c.set('apiKey', await secrets.getSecretString('prod/api-key'))
  await next()
})

export const app: Hono<Env> = new Hono<Env>()
app.use(apiKey)
app.get('/key-length', c => c.json({ length: c.var.apiKey.length }))
