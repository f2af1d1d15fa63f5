import type { SecretCache } from 'awscurrent'
import { createSnsHandler, type SnsHandlerOptions } from 'awscurrent/sns'
import express from 'express'

/**
 * An Express service that hears of rotations by SNS.
 *
 * createApp(new SecretCache(), { topicArns: ['arn:aws:sns:eu-west-1:123456789012:secret-rotations'] }).listen(8080)
 */
export function createApp(secrets: SecretCache, options: SnsHandlerOptions): express.Express {
  const sns = createSnsHandler(secrets, options)
  sns.on('messageRefused', ({ status, error }) => console.warn('A message was refused:', status, error?.code))

  const app = express()
  // Before or after body parsers, as you like.
  app.post('/sns', sns)
  app.use(express.json())
  app.get('/key-length', async (_request, response) => {
    response.json({ length: (await secrets.getSecretString('prod/api-key')).length })
  })
  return app
}
