import { beforeEach, describe, expect, it } from 'vitest'
import { id, type Scene, setScene } from './support.js'

let scene: Scene

beforeEach(() => {
  scene = setScene()
})

describe('a version that the reader holds and no Region has shown', () => {
  /** A read by a cache that has held a version for so long. */
  const heldRead = async (versionId: string, ageMs: number): Promise<string> => {
    const { arn } = await scene.replica.source().get({ secretId: id }, new AbortController())
    const lastKnownGood = { arn, versionId, ageMs }
    return scene.source.get({ secretId: id }, { signal: new AbortController().signal, lastKnownGood }).then(
      ({ string }) => String(string),
      (error: Error) => error.name,
    )
  }
  const heldId = '11111111-1111-4111-8111-111111111111'
  const replicaCatchesUp = (): unknown =>
    scene.replica.perform('PutSecretValue', { SecretId: id, SecretString: 'held', ClientRequestToken: heldId })

  it.each([
    ['since the primary has shown another, and is not taken for the newer one', 5_000],
    ['for as long as that, to the millisecond', 10_000],
  ])('%s', async (_, ageMs) => {
    await scene.outcome()
    await scene.clock.advance(10_000)
    scene.primaryFails()
    for (const waitMs of [0, 31_000]) {
      await scene.clock.advance(waitMs)
      expect(await heldRead(heldId, ageMs + waitMs)).toBe('ServiceUnavailable')
    }
  })

  it('is as good as shown by the primary: a replica that catches up is believed at once by the other readers', async () => {
    const { versionId } = await scene.read()
    await scene.clock.advance(10_000)
    scene.primaryFails()
    await heldRead(heldId, 5_000)
    replicaCatchesUp()
    expect(await heldRead(versionId, 10_000)).toBe('held')
  })

  it('for longer than that has been left, so a replica that still shows it is not believed', async () => {
    await scene.outcome()
    await scene.clock.advance(10_000)
    scene.primaryFails()
    replicaCatchesUp()
    for (const waitMs of [0, 31_000, 31_000]) {
      await scene.clock.advance(waitMs)
      expect(await heldRead(heldId, 10_001 + waitMs)).toBe('ServiceUnavailable')
    }
  })

  it('may be newer than what only a replica has shown', async () => {
    scene.primaryFails()
    expect(await scene.outcome()).toBe('one')
    await scene.clock.advance(10_000)
    replicaCatchesUp()
    expect(await heldRead(heldId, 20_000)).toBe('ServiceUnavailable')
    await scene.clock.advance(30_000)
    expect(await heldRead(heldId, 50_000)).toBe('held')
  })
})
