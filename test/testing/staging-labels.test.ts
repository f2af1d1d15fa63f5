import { describe, expect, it } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'

/** Labels by the value of their version: easier to read than version ids. */
function labels(fake: FakeSecretsManager): Record<string, string[]> {
  const { Versions } = fake.perform('ListSecretVersionIds', { SecretId: 'a', IncludeDeprecated: true })
  const versions = Versions as { VersionId: string; VersionStages?: string[] }[]
  return Object.fromEntries(
    versions.map(({ VersionId, VersionStages = [] }) => {
      const { SecretString } = fake.perform('GetSecretValue', { SecretId: 'a', VersionId })
      return [String(SecretString), [...VersionStages].sort()]
    }),
  )
}

function move(fake: FakeSecretsManager, VersionStage: string, MoveToVersionId?: string, RemoveFromVersionId?: string): void {
  fake.perform('UpdateSecretVersionStage', { SecretId: 'a', VersionStage, MoveToVersionId, RemoveFromVersionId })
}

describe('staging labels', () => {
  it('attaches AWSCURRENT to the first version, whatever labels are given', () => {
    const fake = new FakeSecretsManager()
    fake.perform('CreateSecret', { Name: 'a' })
    fake.put('a', 'one', { versionStages: ['MINE'] })
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT', 'MINE'] })
  })

  it('moves AWSPREVIOUS to the version that AWSCURRENT leaves, and keeps versions without labels readable by id', () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.put('a', 'two')
    fake.put('a', 'three')
    expect(labels(fake)).toEqual({ one: [], two: ['AWSPREVIOUS'], three: ['AWSCURRENT'] })
  })

  it('leaves AWSCURRENT alone when a version is put with other labels', () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.put('a', 'two', { versionStages: ['AWSPENDING', 'MINE'] })
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT'], two: ['AWSPENDING', 'MINE'] })
  })

  it('takes a label from the version that had it', () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.put('a', 'two', { versionStages: ['MINE'] })
    fake.put('a', 'three', { versionStages: ['MINE'] })
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT'], two: [], three: ['MINE'] })
  })

  it('leaves AWSPENDING on the version that becomes the current one, and removes it when AWSCURRENT moves back', () => {
    const fake = new FakeSecretsManager()
    const first = fake.create('a', 'one')
    const second = fake.put('a', 'two', { versionStages: ['AWSPENDING'] })
    move(fake, 'AWSCURRENT', second.versionId, first.versionId)
    expect(labels(fake)).toEqual({ one: ['AWSPREVIOUS'], two: ['AWSCURRENT', 'AWSPENDING'] })
    move(fake, 'AWSCURRENT', first.versionId, second.versionId)
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT'], two: ['AWSPREVIOUS'] })
  })

  it('leaves AWSPENDING on a version that AWSCURRENT neither enters nor leaves', () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.put('a', 'two', { versionStages: ['AWSPENDING'] })
    fake.put('a', 'three')
    expect(labels(fake)).toEqual({ one: ['AWSPREVIOUS'], two: ['AWSPENDING'], three: ['AWSCURRENT'] })
  })

  it('swaps AWSCURRENT and AWSPREVIOUS on a rollback', () => {
    const fake = new FakeSecretsManager()
    const first = fake.create('a', 'one')
    const second = fake.put('a', 'two')
    move(fake, 'AWSCURRENT', first.versionId, second.versionId)
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT'], two: ['AWSPREVIOUS'] })
  })

  it('does nothing when a label moves to where it is', () => {
    const fake = new FakeSecretsManager()
    const { versionId } = fake.create('a', 'one')
    move(fake, 'AWSCURRENT', versionId)
    move(fake, 'AWSCURRENT', versionId, versionId)
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT'] })
  })

  it('attaches a new label without RemoveFromVersionId, and takes it away without MoveToVersionId', () => {
    const fake = new FakeSecretsManager()
    const { versionId } = fake.create('a', 'one')
    move(fake, 'MINE', versionId)
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT', 'MINE'] })
    move(fake, 'MINE', undefined, versionId)
    expect(labels(fake)).toEqual({ one: ['AWSCURRENT'] })
  })

  const one = 'one'
  const two = 'two'
  const unknown = 'd'.repeat(32)
  it.each([
    [
      'neither version',
      'MINE',
      undefined,
      undefined,
      'InvalidParameterException',
      'MoveToVersionId, RemoveFromVersionId, or both',
    ],
    ['an unknown version to move to', 'MINE', unknown, undefined, 'ResourceNotFoundException', `VersionId: ${unknown}`],
    ['an unknown version to remove from', 'MINE', undefined, unknown, 'ResourceNotFoundException', `VersionId: ${unknown}`],
    ['a version whose id is too short', 'MINE', 'd'.repeat(31), undefined, 'ValidationException', "Value at 'moveToVersionId'"],
    [
      'from a version whose id is too long',
      'MINE',
      undefined,
      'd'.repeat(65),
      'ValidationException',
      "Value at 'removeFromVersionId'",
    ],
    ['AWSCURRENT from nowhere', 'AWSCURRENT', one, undefined, 'InvalidParameterException', "RemoveFromVersionId can't be empty"],
    ['another label from nowhere', 'LABEL', one, undefined, 'InvalidParameterException', "RemoveFromVersionId can't be empty"],
    ['AWSCURRENT from the wrong version', 'AWSCURRENT', one, one, 'InvalidParameterException', 'must be set to the version'],
    ['a label that is nowhere from a version', 'MINE', one, two, 'InvalidParameterException', 'must be set to the version'],
    ['AWSCURRENT to nowhere', 'AWSCURRENT', undefined, two, 'InvalidParameterException', "It can't be completely removed"],
  ])('refuses to move %s', (_, label, to, from, name, message) => {
    const fake = new FakeSecretsManager()
    const ids: Record<string, string> = { one: fake.create('a', 'one').versionId, two: fake.put('a', 'two').versionId }
    move(fake, 'LABEL', ids.two)
    const before = labels(fake)
    const idOf = (value: string | undefined): string | undefined => (value === undefined ? undefined : (ids[value] ?? value))
    expect(() => move(fake, label, idOf(to), idOf(from))).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    )
    expect(labels(fake)).toEqual(before)
  })

  it('allows 20 labels on all versions together', () => {
    const fake = new FakeSecretsManager()
    const { versionId } = fake.create('a', 'one')
    for (let index = 1; index < 20; index += 1) move(fake, `LABEL-${index}`, versionId)
    expect(() => move(fake, 'ONE-TOO-MANY', versionId)).toThrow(expect.objectContaining({ name: 'LimitExceededException' }))
  })
})
