import { describe, expect, it } from 'vitest'
import { shortcomings } from './goals.js'
import { scenarios } from './scenarios.js'
import type { RotationReport } from './sitting.js'
import type { ExamResult } from './take-exam.js'

const good: RotationReport = { calls: 1, refused: 0, movedAfterMs: 300, lateConnections: 0, windowMs: 3_000, tookMs: 6_000 }

function result(name: string, rotation: Partial<RotationReport>, rest: Partial<ExamResult> = {}): ExamResult {
  const scenario = scenarios.find(scenario => scenario.name === name)!
  const rotations = [{ ...good, ...rotation }]
  const longest = { what: 'query', phase: 'the start', tookMs: 9_000 }
  const work = { answered: 9, failures: [], cutTransactions: 0, longest }
  return { contestant: 'pool', scenario, ...work, killed: 0, isLocked: false, rotations, ...rest }
}

describe('an exam is passed', () => {
  it.each([
    ['one user, announced', {}],
    ['one user, announced', { calls: 3, refused: 1 }],
    ['one user, unannounced', { calls: 3 }],
    ['one user, 3 s window, AWSPENDING denied', { calls: 6, refused: 3 }],
    ['one user, 3 s window, AWSPENDING not tried', { calls: 6, refused: 3 }],
    ['one user, 3 s window, AWSPENDING not tried', { calls: 8, refused: 3, windowMs: 4_000 }],
    ['two users, unannounced', { movedAfterMs: 6_000, calls: 3 }],
    ['two users, unannounced', { tookMs: 10_000, calls: 4 }],
  ])('in the scenario "%s" with %j', (name, rotation) => {
    expect(shortcomings(result(name, rotation))).toEqual([])
  })
})

describe('an exam is failed', () => {
  const failure = { code: '28P01', message: 'refused', what: 'query', phase: 'rotation 1, setSecret', tookMs: 3 }

  it.each([
    ['nothing was answered', result('one user, announced', {}, { answered: 0 })],
    ['1 failed: 28P01 ×1', result('one user, announced', {}, { failures: [failure] })],
    ['2 transactions cut', result('one user, announced', {}, { cutTransactions: 2 })],
    [
      'a query of "rotation 1, moving over" was answered after 16000 ms',
      result('one user, announced', {}, { longest: { what: 'query', phase: 'rotation 1, moving over', tookMs: 16_000 } }),
    ],
    ['the account is locked', result('one user, announced', {}, { isLocked: true })],
    ['rotation 1: 4 refused logins, at most 3 wanted', result('one user, announced', { calls: 3, refused: 4 })],
    ['rotation 1: 2 calls, at most 1 wanted', result('one user, announced', { calls: 2 })],
    ['rotation 1: 4 calls, at most 3 wanted', result('two users, unannounced', { calls: 4 })],
    ['rotation 1: 4 calls, at most 3 wanted', result('one user, unannounced', { calls: 4 })],
    ['rotation 1: 9 calls, at most 8 wanted', result('one user, 3 s window, AWSPENDING denied', { calls: 9, refused: 3 })],
    [
      'rotation 1: not over after 5000 ms, 2 connections late',
      result('one user, announced', { movedAfterMs: undefined, lateConnections: 2 }),
    ],
    ['rotation 1: not over after 6000 ms, 0 connections late', result('two users, unannounced', { movedAfterMs: undefined })],
  ])('since %s', (shortcoming, exam) => {
    expect(shortcomings(exam)).toEqual([shortcoming])
  })
})
