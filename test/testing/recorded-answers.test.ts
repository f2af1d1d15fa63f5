import { describe, expect, it } from 'vitest'
import { recordings } from './recorded-answers/recording.js'
import { doors, replay } from './recorded-answers/replay.js'

const noSchedule = 'The fake rotates when it is told to and by no schedule, so there is no next date to tell.'
const noUnknownMembers =
  'The fake rejects a member that the operation does not have: the service ignores it, and hides a typing error.'

/** Where the fake stays different, by the title of the recording and the call. */
const different: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a rotation by a function': { '3 DescribeSecret': noSchedule },
  'a rotation by a function, immediately': { '3 DescribeSecret': noSchedule },
  'two rotations by a function': { '3 DescribeSecret': noSchedule, '7 DescribeSecret': noSchedule },
  'PutSecretValue without a ClientRequestToken': { '1 PutSecretValue': noUnknownMembers },
  'RotateSecret without a ClientRequestToken': { '1 RotateSecret': noUnknownMembers },
}

describe.each(Object.entries(doors))('the fake %s', (_, open) => {
  it.each(recordings.map(recording => [recording.title, recording] as const))(
    'answers as the service did: %s',
    async (title, recording) => {
      const compared = await replay(recording, open)
      expect(compared).not.toEqual([])
      const { [title]: excused = {} } = different
      for (const { call, recorded, replayed } of compared) {
        if (call in excused) expect.soft(replayed, `${call} has become the same`).not.toEqual(recorded)
        else expect.soft(replayed, call).toEqual(recorded)
      }
    },
  )
})

it('makes exceptions only for calls that were recorded', () => {
  const calls = recordings.flatMap(({ title, calls: made }) => made.map(({ call }, index) => `${title}: ${index + 1} ${call}`))
  const excused = Object.entries(different).flatMap(([title, some]) => Object.keys(some).map(call => `${title}: ${call}`))
  expect(calls).toEqual(expect.arrayContaining(excused))
})
