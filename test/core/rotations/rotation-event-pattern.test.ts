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

test.each<[object, string]>([
  [{ names: [] }, 'names must be a list of strings that are not empty.'],
  [{ names: ['shop/db', ''] }, 'names must be a list of strings that are not empty.'],
  [{ names: 'shop/db' }, 'names must be a list of strings that are not empty.'],
  [{ arns: [7] }, 'arns must be a list of strings that are not empty.'],
  [{ prefix: '' }, 'prefix must be a string that is not empty.'],
  [{ versionStage: '' }, 'versionStage must be a string that is not empty.'],
  [{ name: 'shop/db' }, 'Unknown option "name" of rotationEventPattern. Did you mean "names"?'],
])('%j is refused: %s', (options, message) => {
  expect(() => rotationEventPattern(options as RotationEventPatternOptions)).toThrow(new TypeError(message))
})
