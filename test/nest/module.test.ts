import { describe, expect, it } from 'vitest'
import { SecretCache, SecretCacheError } from '../../src/index.js'
import { AwscurrentModule, type AwscurrentModuleOptions } from '../../src/nest/index.js'
import { makeScene, moduleOf, start, startWith } from './nested.js'

describe('the cache of the module', () => {
  it('is injected by its class, with the options of forRoot', async () => {
    const { options } = makeScene({ 'prod/api-key': 'one' })
    const app = await startWith(options)
    const cache = app.get(SecretCache)
    expect(cache).toBeInstanceOf(SecretCache)
    expect(await cache.getSecretString('prod/api-key')).toBe('one')
  })

  it('has the options of a factory that injects what an imported module provides', async () => {
    const { options } = makeScene({ 'prod/api-key': 'one' })
    const config = moduleOf({ providers: [{ provide: 'CONFIG', useValue: options }], exports: ['CONFIG'] })
    const app = await start({
      imports: [
        AwscurrentModule.forRootAsync({
          imports: [config],
          inject: ['CONFIG'],
          useFactory: async (given: AwscurrentModuleOptions) => ({ ...given, secrets: ['prod/api-key'] }),
        }),
      ],
    })
    expect(app.get(SecretCache).peek('prod/api-key')?.text()).toBe('one')
  })

  it('has the options that a class of the module creates, or an existing provider', async () => {
    const { options } = makeScene({ 'prod/api-key': 'one' })
    class Options {
      createAwscurrentOptions(): AwscurrentModuleOptions {
        return options
      }
    }
    const existing = moduleOf({ providers: [Options], exports: [Options] })
    for (const given of [{ useClass: Options }, { imports: [existing], useExisting: Options }]) {
      const app = await start({ imports: [AwscurrentModule.forRootAsync(given)] })
      expect(await app.get(SecretCache).getSecretString('prod/api-key')).toBe('one')
    }
  })

  it('is global, unless isGlobal is false', async () => {
    const { options } = makeScene({})
    const feature = moduleOf({
      providers: [{ provide: 'READER', inject: [SecretCache], useFactory: (cache: SecretCache) => ({ cache }) }],
    })
    const app = await start({ imports: [AwscurrentModule.forRoot(options), feature] })
    expect(app.get('READER', { strict: false }).cache).toBe(app.get(SecretCache))
    const local = [AwscurrentModule.forRoot({ ...options, isGlobal: false }), feature]
    await expect(start({ imports: local })).rejects.toThrow('SecretCache')
  })

  it('is one where several modules import the same module object', async () => {
    const { options } = makeScene({})
    const module = AwscurrentModule.forRoot({ ...options, isGlobal: false })
    const reader = (name: string) => ({ provide: name, inject: [SecretCache], useFactory: (cache: SecretCache) => ({ cache }) })
    const features = ['ONE', 'TWO'].map(name => moduleOf({ imports: [module], providers: [reader(name)] }))
    const app = await start({ imports: features })
    expect(app.get('ONE', { strict: false }).cache).toBe(app.get('TWO', { strict: false }).cache)
  })
})

describe('the start', () => {
  it('loads the listed secrets first, in a batch', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map(name => `prod/${name}`)
    const { fake, options } = makeScene(Object.fromEntries(ids.map(id => [id, 'value'])))
    const app = await startWith({ ...options, secrets: ids })
    expect(fake.count('BatchGetSecretValue')).toBe(1)
    expect(fake.count('GetSecretValue')).toBe(0)
    expect(ids.map(id => app.get(SecretCache).peek(id)?.text())).toEqual(ids.map(() => 'value'))
  })

  it('fails if listed secrets cannot be loaded, and names them all', async () => {
    const { options } = makeScene({ 'prod/api-key': 'open sesame' })
    const failure = await startWith({ ...options, secrets: ['prod/one', 'prod/api-key', 'prod/two'] }).catch(error => error)
    expect(failure).toBeInstanceOf(SecretCacheError)
    expect(failure).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND', secretId: 'prod/one' })
    expect(failure.message).toMatch(/^AwscurrentModule cannot load prod\/one, which is one of its secrets: /)
    expect(failure.message).toMatch(
      / It cannot load prod\/two \(ERR_SECRET_NOT_FOUND\) either\. To start without a secret, leave it out of the option secrets\.$/,
    )
  })
})

describe('wrong use', () => {
  it.each([
    [{}, 'none'],
    [{ useFactory: () => ({}), useExisting: 'OPTIONS' }, 'useFactory and useExisting'],
  ])('of forRootAsync with %o is a TypeError', (given, what) => {
    const expected = `forRootAsync needs one of useFactory, useClass and useExisting, and has ${what}.`
    expect(() => AwscurrentModule.forRootAsync(given)).toThrow(new TypeError(expected))
  })

  it('of options that there are not is a TypeError that names them', async () => {
    const { options } = makeScene({})
    const typo = { useFactry: () => ({}) } as object
    expect(() => AwscurrentModule.forRootAsync(typo)).toThrow(
      'Unknown option "useFactry" of forRootAsync. Did you mean "useFactory"?',
    )
    expect(() => AwscurrentModule.forRoot({ isGlobal: 'yes' as unknown as true })).toThrow('isGlobal must be true or false.')
    await expect(startWith({ ...options, ttl: 1 } as never)).rejects.toThrow(
      new TypeError('Unknown option "ttl" of SecretCache. Did you mean "ttlMs"?'),
    )
    await expect(startWith({ ...options, secrets: 'prod/db' as never })).rejects.toThrow('secrets must be a list of secret ids.')
  })

  it('of a factory that returns nothing is a TypeError', async () => {
    const module = AwscurrentModule.forRootAsync({ useFactory: () => undefined as never })
    await expect(start({ imports: [module] })).rejects.toThrow('Does the factory return it?')
  })

  it('of two configurations in one application is a TypeError', async () => {
    const { options } = makeScene({})
    const inFeature = moduleOf({ imports: [AwscurrentModule.forRoot({ ...options, isGlobal: false })] })
    await expect(start({ imports: [AwscurrentModule.forRoot(options), inFeature] })).rejects.toThrow(
      /^AwscurrentModule has been imported with two configurations\. Call forRoot or forRootAsync once/,
    )
  })
})
