import fc from 'fast-check'
import { without } from './without.js'

interface OfSecret {
  readonly secret: number
  /** By name, full ARN, partial ARN, or the first ARN that it had. */
  readonly form: number
}

/** How a value is read: by each way that a cache has. */
export type Way = 'text' | 'json' | 'binary' | 'secret' | 'resolve' | 'handle' | 'with'

/** What is read: a label, or the version that was current so many moves ago. */
export type Wanted = 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING' | number | undefined

/** What somebody does with a cache. */
export type CacheCommand =
  | (OfSecret & { do: 'read'; way: Way; wanted: Wanted; abortMs: number | undefined })
  | (OfSecret & { do: 'peek'; way: 'peek' | 'handle'; wanted: Wanted })
  | (OfSecret & { do: 'refresh'; ifVersion: boolean; previous: boolean; abortMs: number | undefined })
  | (OfSecret & { do: 'invalidate' | 'delete' | 'follow' | 'write' })
  | { do: 'warm'; many: boolean }
  | { do: 'unfollow'; which: number }
  /** The event of a move, which may be an old one, or one that was handed over before. */
  | { do: 'tell'; which: number; as: 'native' | 'cloudtrail' | 'succeeded' | 'queue' }
  | { do: 'idle' | 'revalidate' | 'close' }

/** What happens around it. */
export type WorldCommand =
  | { do: 'rotate' | 'rollBack' | 'toggle'; secret: number }
  | { do: 'fail'; error: string; only: number | undefined }
  | { do: 'recover' }
  | { do: 'latency'; latency: number | 'held' | 'hang' }
  | { do: 'letGo'; which: number }
  | { do: 'old'; times: number }
  | { do: 'advance'; ms: number }
  | { do: 'jump'; ms: number }

type Command = CacheCommand | WorldCommand

/** A command, and what may happen before the next: nothing at all, some microtasks, or all that needs no time. */
export interface Step {
  readonly command: Command
  readonly ticks: number | 'all'
}

const others = [1, ...(without.has('lookalike') ? [] : [2]), ...(without.has('foreign') ? [] : [3])]
const secret = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.constantFrom(...others) })
const form = fc.nat({ max: 3 })
const shortMs = fc.nat({ max: 600 })
const abortMs = fc.option(shortMs, { freq: 6, nil: undefined })
const wanted = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('AWSCURRENT', 'AWSPREVIOUS', 'AWSPREVIOUS', 'AWSPENDING') },
  { weight: 1, arbitrary: fc.nat({ max: 2 }) },
)
const way = fc.constantFrom<Way>('text', 'text', 'text', 'json', 'binary', 'secret', 'secret', 'resolve', 'handle', 'with')

function one<Name extends Command['do']>(...names: Name[]): fc.Arbitrary<Name> {
  return fc.constantFrom(...names)
}

const weighted: readonly [number, fc.Arbitrary<Command>, string][] = [
  [20, fc.record({ do: one('read'), secret, form, way, wanted, abortMs }), 'read'],
  [4, fc.record({ do: one('peek'), secret, form, way: fc.constantFrom('peek', 'handle'), wanted }), 'peek'],
  [4, fc.record({ do: one('refresh'), secret, form, ifVersion: fc.boolean(), previous: fc.constant(false), abortMs }), 'refresh'],
  [1, fc.record({ do: one('refresh'), secret, form, ifVersion: fc.boolean(), previous: fc.constant(true), abortMs }), 'refresh'],
  [3, fc.record({ do: one('invalidate'), secret, form }), 'invalidate'],
  [2, fc.record({ do: one('delete'), secret, form }), 'delete'],
  [2, fc.record({ do: one('follow'), secret, form }), 'follow'],
  [1, fc.record({ do: one('write'), secret, form }), 'write'],
  [1, fc.record({ do: one('warm'), many: fc.boolean() }), 'warm'],
  [1, fc.record({ do: one('unfollow'), which: fc.nat({ max: 9 }) }), 'unfollow'],
  [
    5,
    fc.record({ do: one('tell'), which: fc.nat({ max: 9 }), as: fc.constantFrom('native', 'cloudtrail', 'succeeded', 'queue') }),
    'tell',
  ],
  [1, fc.record({ do: one('idle', 'revalidate') }), 'revalidate'],
  [5, fc.record({ do: one('rotate'), secret }), 'rotate'],
  [1, fc.record({ do: one('rollBack'), secret }), 'rollBack'],
  [1, fc.record({ do: one('toggle'), secret }), 'toggle'],
  [
    3,
    fc.record({
      do: one('fail'),
      error: fc.constantFrom('InternalServiceError', 'ThrottlingException', 'InternalServiceError', 'AccessDeniedException'),
      only: fc.option(secret, { nil: undefined }),
    }),
    'fail',
  ],
  [3, fc.record({ do: one('recover') }), 'recover'],
  [
    4,
    fc.record({
      do: one('latency'),
      latency: fc.oneof(fc.constantFrom<'held' | 'hang' | 0>('held', 'hang', 0, 0), fc.nat({ max: 1_500 })),
    }),
    'latency',
  ],
  [4, fc.record({ do: one('letGo'), which: fc.nat({ max: 5 }) }), 'letGo'],
  [2, fc.record({ do: one('old'), times: fc.integer({ min: 1, max: 3 }) }), 'old'],
  [
    10,
    fc.record({ do: one('advance'), ms: fc.oneof(shortMs, shortMs, fc.nat({ max: 20_000 }), fc.nat({ max: 75_000 })) }),
    'advance',
  ],
  [1, fc.record({ do: one('jump'), ms: fc.integer({ min: -30_000, max: 30_000 }) }), 'jump'],
]

const command = fc.oneof(
  ...weighted.filter(([, , name]) => !without.has(name)).map(([weight, arbitrary]) => ({ weight, arbitrary })),
)

const ticks = fc.oneof(
  { weight: 2, arbitrary: fc.constant<'all'>('all') },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat({ max: 12 }) },
)

const steps = fc.array(fc.record({ command, ticks }), { minLength: 5, maxLength: 80, size: 'max' })

/** How a run is set up and how it ends. */
export interface Run {
  readonly steps: readonly Step[]
  readonly maxEntries: number
  readonly refreshSpreadMs: number
  readonly singleAttempt: boolean
  /** Whether it is closed in the middle of what is under way. */
  readonly closesEarly: boolean
  /** What the jitter of the cache is drawn from. */
  readonly seed: number
}

export const run: fc.Arbitrary<Run> = fc.record({
  steps,
  maxEntries: without.has('evict') ? fc.constant(100) : fc.constantFrom(1, 2, 4, 100, 100, 100),
  refreshSpreadMs: fc.constantFrom(0, 0, 3_000),
  singleAttempt: fc.constantFrom(false, false, true),
  closesEarly: fc.constantFrom(false, false, true),
  seed: fc.nat(),
})
