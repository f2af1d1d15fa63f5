import { describeService } from '../../support/service-behaviours.js'
import { motoClient } from './client.js'

describeService('the cache on moto', async () => {
  const client = motoClient()
  // Where the service names the stage that it cannot find, moto says that the secret is missing.
  return { client, missingStage: 'ERR_SECRET_NOT_FOUND', close: async () => client.destroy() }
})
