import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { DatabaseSecret, SecretCache, type SecretRequest, type SecretSource } from '../../src/index.js'
import { damagedJson } from './damage.js'
import { fuzz } from './fuzz.js'
import { impatientClock } from './impatient-clock.js'
import { codeOf, outcomeOf, planted } from './planted.js'
import { damageText, textDamage } from './text-damage.js'

const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/db-Zx81Qw'
const database = { engine: 'postgres', username: 'app', password: planted, host: 'db', port: 5432, dbname: 'shop', ssl: true }
const originals = [database, { ...database, port: '5432', ssl: 'false' }, { list: [planted, { key: planted }] }, planted]

const answers = (text: string): SecretSource => ({
  get: async () => ({ arn, name: 'shop/db', versionId: 'one', versionStages: ['AWSCURRENT'], string: text }),
})
const strict = z.strictObject({ username: z.string(), password: z.literal('other'), port: z.number() })

test('any text of a secret is JSON that is frozen or an error with a code that shows nothing of it', async context => {
  const texts = fc.oneof(damagedJson(originals), damagedJson(originals), fc.json(), fc.string({ unit: 'binary' }))
  const { verdicts } = await fuzz(context, texts, async text => {
    const cache = new SecretCache({ source: answers(text), clock: impatientClock() })
    const plain = await cache.getSecretJson('shop/db').then(value => {
      expect(Object.isFrozen(value)).toBe(true)
      return 'JSON'
    }, codeOf)
    const checked = await cache.getSecretJson('shop/db', DatabaseSecret).then(({ username, password }) => {
      expect([typeof username, typeof password]).toEqual(['string', 'string'])
      return 'a database secret'
    }, codeOf)
    const refused = await outcomeOf(cache.getSecretJson('shop/db', strict))
    expect(refused).toMatch(/^ERR_SECRET_(FORMAT|SCHEMA)$/)
    expect(cache.peek('shop/db')?.text()).toBe(text)
    await cache.close()
    expect(Object.keys(Object.prototype)).toEqual([])
    return plain === 'JSON' && checked === 'a database secret' ? checked : plain
  })
  expect(Object.keys(verdicts).sort()).toEqual(['ERR_SECRET_FORMAT', 'JSON', 'a database secret'])
})

const references = [
  'shop/db',
  arn,
  arn.slice(0, -7),
  `${arn}:password::`,
  `${arn}:port:AWSCURRENT:`,
  `${arn}:username::one`,
  '{{resolve:secretsmanager:shop/db}}',
  `{{resolve:secretsmanager:${arn}:SecretString:password:AWSCURRENT}}`,
  `postgres://app:${planted}@db/{{resolve:secretsmanager:shop/db:SecretString:dbname}}?a={{resolve:secretsmanager:other}}`,
]
const notFound = Object.assign(new Error("Secrets Manager can't find the specified secret."), {
  name: 'ResourceNotFoundException',
  $metadata: { httpStatusCode: 400 },
})

test('any reference is resolved or refused with a code, and what stands beside it is not repeated', async context => {
  const source: SecretSource = {
    async get(request) {
      if (!['shop/db', arn, arn.slice(0, -7)].includes(request.secretId)) throw notFound
      if (request.versionId !== undefined && request.versionId !== 'one') throw notFound
      return answers(JSON.stringify(database)).get(request, { signal: new AbortController().signal })
    },
  }
  const texts = fc
    .record({ reference: fc.constantFrom(...references), damages: fc.array(textDamage, { maxLength: 3 }) })
    .map(({ reference, damages }) => damages.reduce(damageText, reference))
  const inputs = fc.oneof({ weight: 9, arbitrary: texts }, { weight: 1, arbitrary: fc.anything() })
  const cache = new SecretCache({ source, clock: impatientClock() })
  const { verdicts } = await fuzz(context, inputs, input => outcomeOf(cache.resolve(input as string)))
  await cache.close()
  expect(Object.keys(verdicts).sort()).toEqual([
    'ERR_SECRET_FORMAT',
    'ERR_SECRET_NOT_FOUND',
    'ERR_SECRET_REQUEST',
    'TypeError',
    'accepted',
  ])
})

const ids = [
  'shop/db',
  arn,
  arn.slice(0, -7),
  'x'.repeat(2_048),
  'arn:aws:secretsmanager:eu-central-1:111122223333:secret:',
  '__proto__',
]
const idTexts = fc
  .record({ id: fc.constantFrom(...ids), damages: fc.array(textDamage, { maxLength: 3 }) })
  .map(({ id, damages }) => damages.reduce(damageText, id))
const readOptions = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.record({ versionStage: fc.anything() }) },
  { weight: 1, arbitrary: fc.record({ versionId: fc.oneof(fc.string(), fc.anything()) }) },
  { weight: 1, arbitrary: fc.object() },
)

const isFilledText = (value: unknown): boolean => typeof value === 'string' && value !== ''

test('any id, and any options of a read, are taken or refused with a code, and only ids reach the source', async context => {
  let reached = 0
  const asked: SecretRequest[] = []
  const source: SecretSource = {
    async get(request) {
      asked.push(request)
      throw notFound
    },
  }
  const cache = new SecretCache({ source, clock: impatientClock() })
  const inputs = fc.tuple(fc.oneof(idTexts, idTexts, idTexts, fc.anything()), readOptions)
  const reads: readonly ((id: string, options: never) => unknown)[] = [
    (id, options) => cache.getSecret(id, options),
    (id, options) => cache.getSecretString(id, options),
    (id, options) => cache.refreshNow(id, options),
    (id, options) => cache.peek(id, options),
    id => cache.invalidate(id),
    id => cache.delete(id),
    id => cache.handle(id).get(),
  ]
  const { verdicts } = await fuzz(context, inputs, async ([id, options]) => {
    const outcomes = new Set<string>()
    // What throws at once is an outcome like a rejection.
    for (const read of reads) outcomes.add(await outcomeOf((async () => read(id as string, options as never))()))
    await cache.warmup([id as string]).then(([first]) => first?.outcome === 'failed' && codeOf(first.error), codeOf)
    for (const { secretId, versionStage = 'AWSCURRENT', versionId = 'one' } of asked) {
      for (const text of [secretId, versionStage, versionId]) expect(text).toSatisfy(isFilledText)
      expect(secretId.length).toBeLessThanOrEqual(2_048)
    }
    reached += asked.length
    asked.length = 0
    return [...outcomes].sort().join(', ')
  })
  await cache.close()
  expect(reached).toBeGreaterThan(0)
  expect(Object.keys(verdicts)).toEqual(expect.arrayContaining(['ERR_SECRET_NOT_FOUND, accepted']))
})
