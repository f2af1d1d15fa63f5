import { expect, it } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'
import { runWithin } from '../../support/bounded-run.js'
import { arn, callRecord } from '../../support/rotation-events.js'

/** As many records as one batch may have. */
const count = 10_000

it.each([
  ['that break off after two thousand hyphens', `Rotation-arn:${'-'.repeat(2_000)}!`],
  ['that break off after a thousand possible versions', `Rotation-arn:${'-a'.repeat(1_000)} `],
  ['that name another secret', `Rotation-${arn}${'-a'.repeat(900)}`],
  ['of a whole megabyte', `Rotation-${arn}-${'-'.repeat(1024 * 1024)}`],
])('ten thousand rotations with request ids %s are read within the time that their length takes', (_, requestID) => {
  const record = callRecord('RotationSucceeded', null, { additionalEventData: { SecretId: arn }, requestID })
  const events = runWithin(20_000, () => parseRotationEvents(Array(count).fill(record), { versionStage: 'AWSCURRENT' }))
  expect(events).toHaveLength(count)
  expect(events[0]).toMatchObject({ kind: 'changed', cause: 'RotationSucceeded', arn })
})
