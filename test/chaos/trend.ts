/** A value at a time. */
export interface Sample {
  readonly at: number
  readonly value: number
}

/** The straight line that fits best, by least squares. */
export interface Trend {
  /** How much the value rises in one unit of time. */
  readonly slope: number
  /** The standard error of the slope: how much of it may be chance. */
  readonly error: number
}

/** Fits a line to three samples or more. */
export function trendOf(samples: readonly Sample[]): Trend {
  const n = samples.length
  if (n < 3) throw new RangeError('A trend needs three samples.')
  const mean = (pick: (sample: Sample) => number): number => samples.reduce((sum, sample) => sum + pick(sample), 0) / n
  const [meanAt, meanValue] = [mean(({ at }) => at), mean(({ value }) => value)]
  const spread = samples.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0)
  const slope = samples.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0) / spread
  const squares = samples.reduce((sum, { at, value }) => sum + (value - meanValue - slope * (at - meanAt)) ** 2, 0)
  return { slope, error: Math.sqrt(squares / (n - 2) / spread) }
}

/** Whether the samples rise by more than `tolerance` from first to last, and by more than chance does: two standard errors. */
export function rises(samples: readonly Sample[], tolerance: number): boolean {
  const { slope, error } = trendOf(samples)
  const duration = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)
  return slope > 2 * error && slope * duration > tolerance
}

/** The lowest values of the first half and of the second: what comes and goes leaves them alone, what stays raises the second. */
export function floors(samples: readonly Sample[]): [first: number, second: number] {
  const middle = Math.ceil(samples.length / 2)
  const lowest = (half: readonly Sample[]): number => Math.min(...half.map(({ value }) => value))
  return [lowest(samples.slice(0, middle)), lowest(samples.slice(middle))]
}
