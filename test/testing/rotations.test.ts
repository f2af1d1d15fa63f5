import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { FakeSecretsManager, ManualClock, type RotationFunctionEvent } from '../../src/testing/index.js'
import { rejectionOf, sdkFor } from './support.js'

const RotationLambdaARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'
const rotate = { SecretId: 'a', RotationLambdaARN }

/** A rotation function that does what the service expects, on a fake that is made together with it. */
function rotating(before: (event: RotationFunctionEvent) => unknown = () => {}): {
  fake: FakeSecretsManager
  clock: ManualClock
  steps: RotationFunctionEvent[]
} {
  const steps: RotationFunctionEvent[] = []
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({
    clock,
    secrets: { a: 'one' },
    async rotation(event) {
      steps.push(event)
      await before(event)
      const { Step, SecretId, ClientRequestToken } = event
      if (Step === 'createSecret') {
        fake.perform('PutSecretValue', { SecretId, ClientRequestToken, SecretString: 'two', VersionStages: ['AWSPENDING'] })
      }
      if (Step === 'finishSecret') fake.moveCurrent(SecretId, ClientRequestToken)
    },
  })
  return { fake, clock, steps }
}

describe('RotateSecret', () => {
  it('answers at once and then calls the function for each step, by the real SDK over HTTP', async () => {
    const { fake, clock, steps } = rotating()
    const { arn } = { arn: String(fake.perform('DescribeSecret', { SecretId: 'a' }).ARN) }
    const { VersionId, ARN } = await (await sdkFor(fake)).send(new RotateSecretCommand(rotate))
    await fake.idle()
    expect(ARN).toBe(arn)
    expect(steps.map(step => step.Step)).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])
    expect(new Set(steps.map(step => `${step.SecretId} ${step.ClientRequestToken}`))).toEqual(new Set([`${arn} ${VersionId}`]))
    expect(new Set(steps.map(step => step.RotationToken)).size).toBe(1)
    expect(fake.rotations).toEqual([{ arn, versionId: VersionId, status: 'succeeded', step: 'finishSecret' }])
    expect(fake.perform('GetSecretValue', { SecretId: 'a' })).toMatchObject({
      SecretString: 'two',
      VersionStages: ['AWSCURRENT', 'AWSPENDING'],
    })
    expect(fake.perform('DescribeSecret', { SecretId: 'a' })).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN,
      LastRotatedDate: new Date(clock.now()),
    })
  })

  it('attaches AWSPENDING to an empty version before the first step', async () => {
    const { fake, steps } = rotating(() => new Promise(() => {}))
    const { VersionId } = fake.perform('RotateSecret', rotate)
    expect(steps).toEqual([])
    expect(fake.perform('DescribeSecret', { SecretId: 'a' }).VersionIdsToStages).toMatchObject({
      [String(VersionId)]: ['AWSPENDING'],
    })
    expect(fake.rotations[0]?.status).toBe('running')
  })

  it('leaves AWSPENDING on the version that has become current, and moves it with the next rotation', async () => {
    const { fake } = rotating()
    const labels = (): unknown => fake.perform('DescribeSecret', { SecretId: 'a' }).VersionIdsToStages
    const first = String(fake.perform('RotateSecret', rotate).VersionId)
    await fake.idle()
    expect(labels()).toMatchObject({ [first]: ['AWSCURRENT', 'AWSPENDING'] })
    const second = String(fake.perform('RotateSecret', rotate).VersionId)
    expect(labels()).toMatchObject({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] })
    await fake.idle()
    expect(labels()).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT', 'AWSPENDING'] })
    expect(fake.rotations).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
  })

  it('stops at the step that throws, and tries that rotation again when asked for another', async () => {
    let failures = 1
    const { fake, steps } = rotating(({ Step }) => {
      if (Step === 'testSecret' && failures-- > 0) throw new Error('no login')
    })
    const { VersionId } = fake.perform('RotateSecret', rotate)
    await fake.idle()
    expect(fake.rotations).toMatchObject([{ status: 'failed', step: 'testSecret', error: new Error('no login') }])
    expect(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretString).toBe('one')
    expect(() => fake.perform('RotateSecret', rotate)).toThrow(
      "A previous rotation isn't complete. That rotation will be reattempted.",
    )
    await fake.idle()
    expect(fake.rotations.map(rotation => [rotation.versionId, rotation.status])).toEqual([
      [VersionId, 'failed'],
      [VersionId, 'succeeded'],
    ])
    expect(steps).toHaveLength(7)
  })

  it('does not start a rotation twice while it runs', async () => {
    const { fake } = rotating(() => new Promise(() => {}))
    fake.perform('RotateSecret', rotate)
    expect(() => fake.perform('RotateSecret', rotate)).toThrow(expect.objectContaining({ name: 'InvalidRequestException' }))
    expect(fake.rotations).toHaveLength(1)
  })

  it('answers the same request sent again as before', async () => {
    const { fake } = rotating()
    const input = { ...rotate, ClientRequestToken: 'c'.repeat(32) }
    expect(fake.perform('RotateSecret', input)).toEqual(fake.perform('RotateSecret', input))
    await fake.idle()
    expect(fake.rotations).toHaveLength(1)
    expect(() => fake.perform('RotateSecret', input)).toThrow(expect.objectContaining({ name: 'ResourceExistsException' }))
  })

  it('fails a rotation whose function ends without moving AWSCURRENT', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' }, rotation: () => {} })
    fake.perform('RotateSecret', rotate)
    await fake.idle()
    expect(fake.rotations).toMatchObject([{ status: 'failed', step: 'finishSecret' }])
  })

  it.each([
    ['succeeds', () => {}, 'succeeded'],
    [
      'fails',
      () => {
        throw new Error('no')
      },
      'failed',
    ],
  ])('only tests the function when not to rotate at once, and leaves no version behind if that %s', async (_, before, status) => {
    const seen: unknown[] = []
    const { fake, steps } = rotating(({ SecretId }) => {
      seen.push(fake.perform('GetSecretValue', { SecretId, VersionStage: 'AWSPENDING' }).SecretString)
      before()
    })
    fake.perform('RotateSecret', { ...rotate, RotateImmediately: false })
    await fake.idle()
    expect(steps.map(step => step.Step)).toEqual(['testSecret'])
    expect(seen).toEqual(['one'])
    expect(fake.rotations).toMatchObject([{ status }])
    expect(fake.perform('ListSecretVersionIds', { SecretId: 'a', IncludeDeprecated: true }).Versions).toHaveLength(1)
  })

  it('remembers the function and its rules', async () => {
    const { fake } = rotating()
    fake.perform('RotateSecret', { ...rotate, RotationRules: { AutomaticallyAfterDays: 30 } })
    await fake.idle()
    expect(fake.perform('DescribeSecret', { SecretId: 'a' }).RotationRules).toEqual({ AutomaticallyAfterDays: 30 })
    fake.perform('RotateSecret', { SecretId: 'a', ClientRequestToken: 'd'.repeat(32) })
    expect(fake.rotations).toHaveLength(2)
    await fake.idle()
  })

  it.each([
    ['no function was ever named', { SecretId: 'a' }, 'InvalidRequestException', 'No Lambda rotation function ARN'],
    [
      'two schedules are given',
      { ...rotate, RotationRules: { AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(1 day)' } },
      'InvalidParameterException',
      'AutomaticallyAfterDays and ScheduleExpression',
    ],
    [
      'the days are out of range',
      { ...rotate, RotationRules: { AutomaticallyAfterDays: 1001 } },
      'ValidationException',
      'automaticallyAfterDays',
    ],
    ['the secret does not exist', { ...rotate, SecretId: 'missing' }, 'ResourceNotFoundException', "can't find"],
  ])('is refused when %s', (_, input, name, message) => {
    const { fake } = rotating()
    expect(() => fake.perform('RotateSecret', input)).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    )
    expect(fake.rotations).toEqual([])
  })

  it('is refused as by a service that may not call the function, when the fake has none', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const error = await rejectionOf(fake.client().send(new RotateSecretCommand(rotate)))
    expect(error).toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining('cannot invoke') })
    expect(fake.perform('DescribeSecret', { SecretId: 'a' }).RotationEnabled).toBeUndefined()
  })
})
