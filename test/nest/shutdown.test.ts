import { describe, expect, it, vi } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { AwscurrentModule, provideWithCache } from '../../src/nest/index.js'
import { makeScene, moduleOf, start, startWith } from './nested.js'

/** A provider of what says in `ended` that it has ended, and whether the cache still read secrets then. */
function ending(ended: string[], name: string, method: 'end' | 'close', fail = false) {
  return provideWithCache({
    provide: name,
    useFactory: cache => ({
      async [method]() {
        await cache.getSecret('prod/db')
        ended.push(name)
        if (fail) throw new Error(`${name} failed`)
      },
    }),
  })
}

describe('provideWithCache', () => {
  it('ends pools, then listeners, then the cache, whatever the order in which they were provided', async () => {
    const { options } = makeScene({ 'prod/db': 'login' })
    const ended: string[] = []
    const own = provideWithCache({
      provide: 'OWN',
      useFactory: () => ({ quit: () => void ended.push('OWN') }),
      end: own => own.quit(),
    })
    const app = await startWith(options, [ending(ended, 'LISTENER', 'close'), ending(ended, 'POOL', 'end'), own])
    const cache = app.get(SecretCache)
    await app.close()
    expect(ended.slice(0, 2).sort()).toEqual(['OWN', 'POOL'])
    expect(ended.slice(2)).toEqual(['LISTENER'])
    await expect(cache.getSecret('prod/db')).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
  })

  it('ends the rest and the cache too if one fails, and close rejects', async () => {
    const { options } = makeScene({ 'prod/db': 'login' })
    const ended: string[] = []
    const app = await startWith(options, [ending(ended, 'POOL', 'end', true), ending(ended, 'LISTENER', 'close')])
    const cache = app.get(SecretCache)
    await expect(app.close()).rejects.toThrow('POOL failed')
    expect(ended).toEqual(['POOL', 'LISTENER'])
    await expect(cache.getSecret('prod/db')).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
  })

  it('ends after the modules that use it, of whatever depth, and global ones that were imported later', async () => {
    const { options } = makeScene({ 'prod/db': 'login' })
    const ended: string[] = []
    const user = (name: string) => ({ provide: name, useFactory: () => ({ onApplicationShutdown: () => void ended.push(name) }) })
    const deep = moduleOf({ providers: [user('DEEP')] })
    const feature = moduleOf({ imports: [deep], providers: [user('FEATURE')] })
    class Later {}
    const later = { module: Later, global: true, providers: [user('LATER')] }
    const module = AwscurrentModule.forRoot(options)
    await (await start({ imports: [module, feature, later], providers: [ending(ended, 'POOL', 'end')] })).close()
    expect(ended.slice(0, 3).sort()).toEqual(['DEEP', 'FEATURE', 'LATER'])
    expect(ended.slice(3)).toEqual(['POOL'])
  })

  it('gives the factory what it injects after the cache, in any module', async () => {
    const { options } = makeScene({})
    const provider = provideWithCache({
      provide: 'POOL',
      inject: ['SIZE'],
      useFactory: async (cache, size: number) => ({ cache, size, end: vi.fn() }),
    })
    const feature = moduleOf({ providers: [{ provide: 'SIZE', useValue: 3 }, provider], exports: ['POOL'] })
    const app = await start({ imports: [AwscurrentModule.forRoot({ ...options }), feature] })
    const pool = app.get('POOL')
    expect(pool).toMatchObject({ cache: app.get(SecretCache), size: 3 })
    await app.close()
    expect(pool.end).toHaveBeenCalledExactlyOnceWith()
  })

  it('refuses what cannot end, and a provider without a token or a factory', async () => {
    const { options } = makeScene({})
    class Endless {}
    const endless = [Endless, 'ENDLESS'].map(provide => provideWithCache({ provide, useFactory: () => new Endless() }))
    for (const [index, name] of ['Endless', 'ENDLESS'].entries()) {
      await expect(startWith(options, [endless[index]!])).rejects.toThrow(
        new TypeError(`What ${name} provides has no end() and no close(): say with the option end how it ends.`),
      )
    }
    const message = 'provideWithCache needs a token, provide, and a factory, useFactory.'
    expect(() => provideWithCache({ useFactory: () => ({}) } as never)).toThrow(new TypeError(message))
    expect(() => provideWithCache({ provide: 'POOL' } as never)).toThrow(new TypeError(message))
  })
})

it('a cache that replaces that of the module in a test is left to the test', async () => {
  const { options } = makeScene({ 'prod/db': 'login' })
  const mine = new SecretCache(options)
  const app = await start({ imports: [AwscurrentModule.forRoot({})] }, builder =>
    builder.overrideProvider(SecretCache).useValue(mine),
  )
  await app.close()
  expect(await mine.getSecretString('prod/db')).toBe('login')
  await mine.close()
})
