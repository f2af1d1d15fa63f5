/** How the caches of the model are set up: short windows, so that a run of a few simulated minutes sees all of them. */
export const settings = {
  ttlMs: 10_000,
  ttlJitter: 0.2,
  staleWhileRevalidateMs: 2_000,
  staleIfErrorMs: 60_000,
  staleWaitMs: 500,
  loadTimeoutMs: 5_000,
  backoff: { initialMs: 200, factor: 2, maxMs: 2_000 },
} as const

/** The shortest TTL that a load may draw. */
export const leastTtlMs: number = settings.ttlMs * (1 - settings.ttlJitter)

/** An answer that names a version which was left less than this ago is an old answer, until it has been given for longer than the re-reads. */
export const leftRecentlyMs = 60_000
export const rereadMs = 3_700
export const rereads = 4

/** A load that ends so long after its deadline did not run all the time. */
export const thawedAfterMs = 1_000

/** Forced loads of one secret: so many at once, then one a second. */
export const bucket = { atOnce: 5, everyMs: 1_000 } as const
