import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRotationEvents } from '../../src/core/rotations/parse-rotation-events.js'
import { SecretCache, type SecretSource } from '../../src/index.js'
import {
  arn,
  callEvent,
  callRecord,
  nativeEvent,
  partialArn,
  secretName,
  serviceEvent,
  snsNotification,
} from '../support/rotation-events.js'
import { damaged, damagedJson } from './damage.js'
import { fuzz } from './fuzz.js'
import { impatientClock } from './impatient-clock.js'
import { damagedBytes } from './text-damage.js'

const otherArn = arn.replace('shop/db', 'shop/other')
const events = [
  nativeEvent(),
  { ...nativeEvent({ name: 'shop/other' }), resources: [otherArn] },
  { ...nativeEvent(), account: '999988887777', resources: [arn.replace('111122223333', '999988887777')] },
  nativeEvent({ labelUpdated: 'AWSPENDING' }),
  callEvent('PutSecretValue', { secretId: secretName, clientRequestToken: 'token' }),
  callEvent('PutSecretValue', { secretId: partialArn, versionStages: ['AWSPENDING'] }, { responseElements: { arn } }),
  callEvent('UpdateSecretVersionStage', { secretId: arn, versionStage: 'AWSCURRENT', moveToVersionId: 'next' }),
  callEvent('DeleteSecret', { secretId: 'shop/other' }, { responseElements: { ARN: otherArn, name: 'shop/other' } }),
  callEvent('UpdateSecret', { secretId: secretName }, { errorCode: 'AccessDenied' }),
  serviceEvent('RotationSucceeded'),
  callRecord('RestoreSecret', { secretId: arn }),
]
const sqsMessage = (body: unknown) => ({ MessageId: 'm-1', ReceiptHandle: 'handle', Body: JSON.stringify(body) })
const lambdaRecord = (body: unknown) => ({ messageId: 'm-2', body: JSON.stringify(body), eventSource: 'aws:sqs' })
const envelopes: ((event: unknown) => unknown)[] = [
  event => event,
  event => snsNotification(event ?? null),
  event => sqsMessage(event),
  event => sqsMessage(snsNotification(event ?? null)),
  event => ({ Records: [{ EventSource: 'aws:sns', Sns: snsNotification(event ?? null) }] }),
  event => ({ Records: [lambdaRecord(event), lambdaRecord(snsNotification(event ?? null))] }),
  event => [event, event],
]

/** Damage before the envelope is closed, after it, and to the text of the whole. */
const enclosed = fc
  .record({ event: damaged(events), envelope: fc.constantFrom(...envelopes) })
  .map(({ event, envelope }) => envelope(event))
const wrapped = events.flatMap(event => envelopes.map(envelope => envelope(event)))
const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true, maxDepth: 3 })
const payloads = fc.oneof(
  { weight: 4, arbitrary: enclosed },
  { weight: 4, arbitrary: damaged(wrapped) },
  { weight: 4, arbitrary: damagedJson(wrapped) },
  { weight: 2, arbitrary: damagedBytes(damagedJson(wrapped)) },
  { weight: 1, arbitrary: anything },
)

test('any payload is parsed into judgements that name ids in due form, and nothing is thrown', async context => {
  const { verdicts } = await fuzz(context, payloads, payload => {
    const found = parseRotationEvents(payload, { versionStage: 'AWSCURRENT' })
    expect(found.length).toBeGreaterThan(0)
    for (const event of found) if (event.kind === 'changed') expect(event.secretId).toMatch(/^[\w/+=.@!:-]{1,2048}$/)
    const [first] = found
    return first?.kind === 'changed' ? 'changed' : `${first?.kind}: ${first?.reason}`
  })
  expect(Object.keys(verdicts)).toEqual(expect.arrayContaining(['changed', 'rejected: not JSON', 'rejected: not an event']))
})

test('any payload is answered by what was done, and no secret is read that was not read before', async context => {
  const outcomes = new Set(['refreshed', 'unchanged', 'scheduled', 'ignored', 'rejected'])
  const { verdicts } = await fuzz(context, payloads, async payload => {
    const asked: string[] = []
    let versions = 0
    const source: SecretSource = {
      async get({ secretId }) {
        asked.push(secretId)
        versions += 1
        return { arn, name: secretName, versionId: `version-${versions}`, versionStages: ['AWSCURRENT'], string: 'text' }
      },
    }
    const cache = new SecretCache({ source, clock: impatientClock() })
    await cache.getSecret(secretName)
    const results = await cache.handleRotationEvent(payload)
    await cache.close()
    expect(results.length).toBeGreaterThan(0)
    expect(results.filter(({ outcome }) => !outcomes.has(outcome))).toEqual([])
    expect(asked.filter(id => id !== secretName)).toEqual([])
    return `${results[0]?.outcome}: ${results[0]?.reason}`
  })
  expect(Object.keys(verdicts)).toEqual(
    expect.arrayContaining(['refreshed: Secret Label Updated', 'ignored: unknown secret', 'ignored: another account']),
  )
})
