import { inspect } from 'node:util'
import { SecretCache } from 'awscurrent'

// Prints all that holds a secret by every means of the runtime, and neither closes the cache nor ends the process.
const cache = new SecretCache({ region: 'eu-west-1' })
const secret = await cache.getSecret('prod/db')
const handle = cache.handle('prod/db')
handle.on('rotated', () => {})
await handle.get()
const error = await cache.getSecretBinary('prod/db').catch(refusal => refusal)

const inspects = [value => inspect(value, { depth: 9, showHidden: true }), globalThis.Bun?.inspect, globalThis.Deno?.inspect]
for (const value of [cache, secret, handle, error]) {
  console.log(value, String(value), JSON.stringify(value))
  console.dir(value, { depth: 9, showHidden: true })
  for (const show of inspects) if (show) console.log(show(value, { depth: 9, showHidden: true }))
}
