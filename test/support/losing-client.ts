import type { FakeClient } from '../../src/testing/index.js'

/** A client whose calls are carried out, and whose answers are lost. */
export function losingClient(client: FakeClient): FakeClient {
  return {
    ...client,
    async send(command, options) {
      await client.send(command, options)
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    },
  }
}
