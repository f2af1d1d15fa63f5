import fc from 'fast-check'

/** The secrets of the model. */
export const names = ['a', 'b', 'c'] as const

interface OfSecret {
  /** Its place in `names`. */
  readonly secret: number
  /** By name, by ARN or by partial ARN. */
  readonly form: number
}

/** Something that happens to a cache: time passes, the service changes or fails, somebody reads, an event arrives. */
export type Command =
  | (OfSecret & { do: 'read' | 'refresh' | 'invalidate' | 'delete' })
  /** The reader leaves after `ms`. */
  | (OfSecret & { do: 'readInHaste'; ms: number })
  | { do: 'warm' }
  | { do: 'rotate'; secret: number }
  /** The event of a rotation, which may be an old one, or one that was heard before. */
  | { do: 'tell'; which: number }
  | { do: 'advance'; ms: number }
  | { do: 'slow'; ms: number }
  | { do: 'old'; times: number }
  | { do: 'fail'; error: string }
  | { do: 'recover' }

const secret = fc.nat({ max: names.length - 1 })
const form = fc.nat({ max: 2 })
const shortMs = fc.nat({ max: 250 })

function one<Name extends Command['do']>(name: Name): fc.Arbitrary<Name> {
  return fc.constant<Name>(name)
}

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ do: one('read'), secret, form }) },
  { weight: 2, arbitrary: fc.record({ do: one('readInHaste'), secret, form, ms: shortMs }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom<'refresh' | 'invalidate' | 'delete'>('refresh', 'invalidate', 'delete'),
      secret,
      form,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('warm') }) },
  { weight: 6, arbitrary: fc.record({ do: one('rotate'), secret }) },
  { weight: 5, arbitrary: fc.record({ do: one('tell'), which: fc.nat() }) },
  { weight: 10, arbitrary: fc.record({ do: one('advance'), ms: fc.oneof(shortMs, shortMs, fc.nat({ max: 20_000 })) }) },
  { weight: 5, arbitrary: fc.record({ do: one('slow'), ms: fc.nat({ max: 1_000 }) }) },
  { weight: 4, arbitrary: fc.record({ do: one('old'), times: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ do: one('fail'), error: fc.constantFrom('InternalServiceError', 'ThrottlingException') }) },
  { weight: 4, arbitrary: fc.record({ do: one('recover') }) },
)
