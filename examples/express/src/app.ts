import type { SecretCache } from 'awscurrent'
import type { Keyring } from 'awscurrent/keyring'
import express, { type Express } from 'express'
import session from 'express-session'
import type { Pool } from 'pg'
import { keyRoutes } from './key-routes.js'

declare module 'express-session' {
  interface SessionData {
    user: string
  }
}

interface Services {
  secrets: SecretCache
  database: Pool
  ring: Keyring
}

export function createApp({ secrets, database, ring }: Services): Express {
  const app = express()
  app.locals.secrets = secrets
  app.use(express.json())
  // Pass the array itself: its contents follow the secret. Sessions are kept in memory unless you pass a store.
  app.use(session({ secret: ring.keys, cookie: { secure: 'auto' }, resave: false, saveUninitialized: false }))
  app.use(keyRoutes)

  app.get('/ready', async (_request, response) => {
    try {
      await database.query('SELECT 1')
      response.json({ ready: true })
    } catch (error) {
      console.warn(error)
      response.status(503).json({ ready: false })
    }
  })

  app.post('/orders', async (request, response) => {
    await database.query('INSERT INTO orders (item) VALUES ($1)', [request.body.item])
    response.status(201).json({})
  })

  app.post('/session', (request, response) => {
    request.session.user = request.body.user
    response.status(201).json({})
  })

  app.get('/session', ({ session: { user } }, response) => {
    if (user) response.json({ user })
    else response.status(401).json({})
  })

  return app
}
