import { describe, expect, it } from 'vitest'
import { Random } from './random.js'
import { floors, rises, type Sample, trendOf } from './trend.js'

const samplesOf = (valueAt: (at: number) => number): Sample[] =>
  Array.from({ length: 30 }, (_, at) => ({ at, value: valueAt(at) }))

describe('the trend of samples', () => {
  it('is the line itself when they lie on one', () => {
    const { slope, error } = trendOf(samplesOf(at => 5 + 2 * at))
    expect(slope).toBeCloseTo(2)
    expect(error).toBeCloseTo(0)
  })

  it('does not rise by noise alone', () => {
    const random = new Random(1, 'noise')
    expect(
      rises(
        samplesOf(() => random.between(0, 1_000)),
        10,
      ),
    ).toBe(false)
  })

  it('rises when a leak stands out from the noise', () => {
    const random = new Random(1, 'noise')
    expect(
      rises(
        samplesOf(at => 50 * at + random.between(0, 100)),
        10,
      ),
    ).toBe(true)
  })

  it('does not rise by less than is tolerated', () => {
    expect(
      rises(
        samplesOf(at => at / 10),
        10,
      ),
    ).toBe(false)
  })

  it('needs three samples', () => {
    expect(() => trendOf(samplesOf(at => at).slice(0, 2))).toThrow(RangeError)
  })
})

it('the floors of samples rise by what stays, not by what comes and goes', () => {
  expect(floors(samplesOf(at => 10 + (at % 7 === 3 ? 0 : 50 + at)))).toEqual([10, 10])
  expect(floors(samplesOf(at => 10 + at))).toEqual([10, 25])
})
