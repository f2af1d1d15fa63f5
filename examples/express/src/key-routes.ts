import type { SecretCache } from 'awscurrent'
import { Router } from 'express'

declare module 'express-serve-static-core' {
  interface Locals {
    secrets: SecretCache
  }
}

export const keyRoutes = Router()

keyRoutes.get('/key', async (request, response) => {
  const key = await request.app.locals.secrets.getSecret('prod/api-key')
  response.json({ versionId: key.versionId, length: key.text().length })
})
