import { describeService } from '../../support/service-behaviours.js'
import { motoClient } from './client.js'

describeService('the cache on moto', async () => {
  const client = motoClient()
  return { client, close: async () => client.destroy() }
})
