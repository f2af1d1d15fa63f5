import { describe, expect, it } from 'vitest'
import { recordings } from './recorded-answers/recording.js'
import { doors, replay } from './recorded-answers/replay.js'

/** In what an answer of the fake differs from the recorded one, and why it stays so. */
interface Difference {
  readonly why: string
  answer(recorded: object): unknown
}

const noSchedule: Difference = {
  why: 'The fake rotates when it is told to, by no schedule, so there is no next date to tell.',
  answer: recorded => ({ ...recorded, NextRotationDate: undefined }),
}

const noUnknownMembers: Difference = {
  why: 'A member that the operation does not have is an error of the test; the service ignores it.',
  answer: () => ({ error: 'UnknownOperationException', message: expect.stringContaining('ERR_FAKE_UNEXPECTED') }),
}

/** Where the fake stays different, by the title of the recording and the call. */
const different: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
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
      for (const { call, recorded, replayed } of compared) {
        const difference = different[title]?.[call]
        expect.soft(replayed, call).toEqual(difference?.answer(recorded) ?? recorded)
        if (difference !== undefined) expect.soft(replayed, `${call} does not differ any more`).not.toEqual(recorded)
      }
    },
  )
})

it('makes exceptions only for calls that were recorded', () => {
  expect(new Set(recordings.map(({ title }) => title)).size).toBe(recordings.length)
  const calls = recordings.flatMap(({ title, calls: made }) => made.map(({ call }, index) => `${title}: ${index + 1} ${call}`))
  const excused = Object.entries(different).flatMap(([title, some]) => Object.keys(some).map(call => `${title}: ${call}`))
  expect(calls).toEqual(expect.arrayContaining(excused))
})
