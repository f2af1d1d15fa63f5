import { inspect } from 'node:util'
import { Injectable, Scope } from '@nestjs/common'
import { describe, expect, it, vi } from 'vitest'
import { DatabaseSecret, SecretCacheError } from '../../src/index.js'
import { AwscurrentModule, getSecretToken, InjectedSecret, InjectSecret } from '../../src/nest/index.js'
import { injectedInto, injectingSecret, makeScene, moduleOf, start, startWith } from './nested.js'

describe('a secret that is injected', () => {
  it('follows a rotation', async () => {
    const { fake, clock, options } = makeScene({ 'prod/api-key': 'one' })
    const Payments = injectingSecret<InjectedSecret>('prod/api-key')
    const app = await startWith(options, [Payments])
    const key = injectedInto(app, Payments)
    const rotated = vi.fn()
    key.on('rotated', rotated)
    expect(await key.getString()).toBe('one')
    fake.rotate('prod/api-key', 'two')
    await clock.advance(360_000)
    expect(await key.getString()).toBe('two')
    expect(key.peek()?.text()).toBe('two')
    expect((await key.get()).text()).toBe('two')
    expect(await key.getString({ versionStage: 'AWSPREVIOUS' })).toBe('one')
    expect(rotated).toHaveBeenCalledTimes(1)
  })

  it('is read as JSON, by a schema or without one, and as bytes', async () => {
    const login = { username: 'app', password: 'open sesame' }
    const { fake, options } = makeScene({ 'prod/db': JSON.stringify(login) })
    fake.perform('CreateSecret', { Name: 'prod/tls', SecretBinary: Buffer.from('bytes') })
    const [Db, Tls] = [injectingSecret<InjectedSecret>('prod/db'), injectingSecret<InjectedSecret>('prod/tls')]
    const app = await startWith(options, [Db, Tls])
    const db = injectedInto(app, Db)
    expect(await db.getJson(DatabaseSecret)).toMatchObject(login)
    expect(await db.getJson<typeof login>()).toEqual(login)
    expect(await injectedInto(app, Tls).getBinary()).toEqual(Buffer.from('bytes'))
    await expect(injectedInto(app, Tls).getString()).rejects.toMatchObject({ code: 'ERR_SECRET_FORMAT' })
    expect(inspect(db, { showHidden: true, depth: 9 }) + JSON.stringify(db)).not.toContain('sesame')
  })

  it('is loaded before the class is created that it is injected into', async () => {
    const { options } = makeScene({ 'prod/api-key': 'one' })
    let seen: string | undefined
    class Eager {
      constructor(key: InjectedSecret) {
        seen = key.peek()?.text()
      }
    }
    InjectSecret('prod/api-key')(Eager, undefined, 0)
    await startWith(options, [Eager])
    expect(seen).toBe('one')
  })

  it('is injected into properties, into controllers, and in modules that do not import the module', async () => {
    const { fake, options } = makeScene({ 'prod/api-key': 'one', 'prod/hook': 'two' })
    class WithProperty {
      declare readonly hook: InjectedSecret
    }
    InjectSecret('prod/hook')(WithProperty.prototype, 'hook')
    const Api = injectingSecret<InjectedSecret>('prod/api-key')
    const Again = injectingSecret<InjectedSecret>('prod/api-key')
    const feature = moduleOf({ providers: [Api, WithProperty] })
    const other = moduleOf({ providers: [Again] })
    const app = await start({ imports: [feature, AwscurrentModule.forRoot(options), other] })
    const found = [
      app.get(WithProperty, { strict: false }).hook,
      ...[Api, Again].map(one => app.get(one, { strict: false }).value),
    ]
    expect(await Promise.all(found.map(secret => secret.getString()))).toEqual(['two', 'one', 'one'])
    expect(fake.count('GetSecretValue')).toBe(2)
  })

  it('is injected for each request without a load for each', async () => {
    const { fake, clock, options } = makeScene({ 'prod/api-key': 'one' })
    const PerRequest = injectingSecret<InjectedSecret>('prod/api-key')
    Injectable({ scope: Scope.REQUEST })(PerRequest)
    const app = await startWith(options, [PerRequest])
    const { value } = await app.resolve(PerRequest)
    expect(await value.getString()).toBe('one')
    // Injecting it must not fail, even when nothing can be served any more.
    fake.inject({ error: 'InternalServiceError' })
    await clock.advance(100_000_000)
    expect((await app.resolve(PerRequest)).value).toBeInstanceOf(InjectedSecret)
    expect(fake.count('GetSecretValue')).toBe(1)
  })

  it('is named after the module was configured, as it is where files are loaded later', async () => {
    const { options } = makeScene({ 'prod/late': 'one' })
    const module = AwscurrentModule.forRoot(options)
    const Late = injectingSecret<InjectedSecret>('prod/late')
    const app = await start({ imports: [module], providers: [Late] })
    expect(await injectedInto(app, Late).getString()).toBe('one')
  })
})

describe('the start', () => {
  it('fails if the secret cannot be loaded, and the error says how to start without it', async () => {
    const { options } = makeScene({})
    const failure = await startWith(options, [injectingSecret('prod/missing')]).catch(error => error)
    expect(failure).toBeInstanceOf(SecretCacheError)
    expect(failure).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND', secretId: 'prod/missing' })
    expect(failure.message).toMatch(/^prod\/missing is injected and cannot be loaded: /)
    expect(failure.message).toMatch(/ To start without it, write @InjectSecret\('prod\/missing', \{ optional: true \}\)\.$/)
  })

  it('does not fail if the secret is optional, which can be read once it exists', async () => {
    const { fake, clock, options } = makeScene({})
    const Optional = injectingSecret<InjectedSecret>('prod/beta', { optional: true })
    const app = await startWith(options, [Optional])
    const beta = injectedInto(app, Optional)
    await expect(beta.getString()).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    fake.perform('CreateSecret', { Name: 'prod/beta', SecretString: 'now' })
    await clock.advance(60_000)
    expect(await beta.getString()).toBe('now')
  })

  it('does not load what only other applications inject', async () => {
    const { fake, options } = makeScene({ 'prod/api-key': 'one' })
    injectingSecret('prod/of-another-application')
    await startWith(options, [injectingSecret('prod/api-key')])
    expect(fake.calls.map(({ input }) => input.SecretId)).toEqual(['prod/api-key'])
  })

  it('fails without the module, and the error names the secret', async () => {
    await expect(start({ providers: [injectingSecret('prod/api-key')] })).rejects.toThrow('Secret(prod/api-key)')
  })
})

describe('getSecretToken', () => {
  it('replaces the secret in a test, which then is not loaded', async () => {
    const { fake, options } = makeScene({})
    const Payments = injectingSecret<{ getString(): Promise<string> }>('prod/payments')
    const imports = [AwscurrentModule.forRoot(options), moduleOf({ providers: [Payments] })]
    const app = await start({ imports }, builder =>
      builder.overrideProvider(getSecretToken('prod/payments')).useValue({ getString: async () => 'of the test' }),
    )
    expect(await app.get(Payments, { strict: false }).value.getString()).toBe('of the test')
    expect(fake.calls).toEqual([])
  })

  it('provides a secret in a test without the module', async () => {
    const Payments = injectingSecret<{ getString(): Promise<string> }>('prod/payments')
    const useValue = { getString: async () => 'of the test' }
    const app = await start({ providers: [Payments, { provide: getSecretToken('prod/payments'), useValue }] })
    expect(await injectedInto(app, Payments).getString()).toBe('of the test')
  })

  it('injects the secret into a factory', async () => {
    const { options } = makeScene({ 'prod/only-in-a-factory': 'one' })
    const useFactory = async (secret: InjectedSecret): Promise<{ text: string }> => ({ text: await secret.getString() })
    const app = await startWith(options, [{ provide: 'JWT', inject: [getSecretToken('prod/only-in-a-factory')], useFactory }])
    expect(app.get('JWT')).toEqual({ text: 'one' })
  })
})

it.each([
  ['', 'The secret id is empty. Is the environment variable that should hold it set?'],
  [undefined, 'A secret id must be a string, not undefined. Is the environment variable that should hold it set?'],
])('the id %o is an error where the class is declared', (secretId, message) => {
  for (const use of [InjectSecret, getSecretToken]) {
    expect(() => use(secretId as string)).toThrow(expect.objectContaining({ code: 'ERR_SECRET_REQUEST', message }))
  }
})

it('an unknown option of InjectSecret is a TypeError', () => {
  expect(() => InjectSecret('prod/typo', { optinal: true } as object)).toThrow(
    new TypeError('Unknown option "optinal" of InjectSecret. Did you mean "optional"?'),
  )
})
