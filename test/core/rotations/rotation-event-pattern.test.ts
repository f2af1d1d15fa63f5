import { expect, test } from 'vitest'
import { type RotationEventPatternOptions, rotationEventPattern } from '../../../src/core/rotations/rotation-event-pattern.js'
import { arn } from '../../support/rotation-events.js'

const head = { source: ['aws.secretsmanager'], 'detail-type': ['Secret Label Updated'] }
const labelUpdated = ['AWSCURRENT']

test.each<[RotationEventPatternOptions, object]>([
  [{}, { ...head, detail: { labelUpdated } }],
  [{ names: ['shop/db'] }, { ...head, detail: { labelUpdated, name: ['shop/db'] } }],
  [{ prefix: 'shop/' }, { ...head, detail: { labelUpdated, name: [{ prefix: 'shop/' }] } }],
  [
    { names: ['a'], prefix: 'shop/' },
    { ...head, detail: { labelUpdated, name: ['a', { prefix: 'shop/' }] } },
  ],
  [{ arns: [arn] }, { ...head, resources: [arn], detail: { labelUpdated } }],
  [
    { names: ['a'], arns: [arn] },
    { ...head, detail: { labelUpdated }, $or: [{ detail: { name: ['a'] } }, { resources: [arn] }] },
  ],
  [{ versionStage: 'BLUE' }, { ...head, detail: { labelUpdated: ['BLUE'] } }],
])('%j chooses by the pattern of the native event', (options, pattern) => {
  expect(rotationEventPattern(options)).toEqual(pattern)
})

test.each([{ names: [] }, { names: [''] }, { names: 'shop/db' }, { arns: [7] }, { prefix: '' }, { versionStage: '' }])(
  '%j is refused with the name of the option',
  options => {
    const [name = ''] = Object.keys(options)
    expect(() => rotationEventPattern(options as RotationEventPatternOptions)).toThrow(new RegExp(`^${name} must`))
  },
)
