import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { play } from './play.js'

test('x', async () => {
  const run = JSON.parse(readFileSync('/tmp/run.json', 'utf8'))[0]
  const r = await play(run, options => {
    const source = options.source!
    const t0 = options.clock!.now()
    const t = () => options.clock!.now() - t0
    const get = source.get.bind(source)
    let n = 0
    const cache = new SecretCache({
      ...options,
      source: {
        ...source,
        get: async (q, o) => {
          const id = ++n
          console.log(t(), id, 'get', JSON.stringify(q))
          try {
            const v = await get(q, o)
            console.log(t(), id, '->', v.arn, v.versionId.slice(0, 4), JSON.stringify(v.versionStages))
            return v
          } catch (e) {
            console.log(t(), id, 'X', String(e).slice(0, 80))
            throw e
          }
        },
      },
    })
    for (const type of ['rotated', 'error', 'evicted', 'loaded', 'stale'] as const)
      cache.on(type, (e: any) =>
        console.log(
          t(),
          'EVENT',
          type,
          e.secretId,
          e.versionStage,
          e.previousVersionId?.slice(0, 4),
          e.versionId?.slice(0, 4),
          e.error?.code,
        ),
      )
    for (const m of [
      'getSecretString',
      'getSecret',
      'getSecretJson',
      'getSecretBinary',
      'peek',
      'refreshNow',
      'invalidate',
      'delete',
      'warmup',
      'handleRotationEvent',
      'close',
      'withSecret',
      'resolve',
      'handle',
    ] as const) {
      const orig = (cache as any)[m].bind(cache)
      ;(cache as any)[m] = (...a: any[]) => {
        console.log(t(), 'CALL', m, JSON.stringify(a).slice(0, 400))
        const r = orig(...a)
        if (r?.then && m !== 'warmup')
          r.then(
            (v: any) => console.log(t(), 'DONE', m, typeof v === 'string' ? v.slice(0, 60) : JSON.stringify(v)?.slice(0, 200)),
            (e: any) => console.log(t(), 'FAIL', m, e?.code),
          )
        return r
      }
    }
    return cache
  })
  console.log(JSON.stringify(r, null, 1).slice(0, 3000))
})
