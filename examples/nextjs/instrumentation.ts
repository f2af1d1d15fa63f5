export async function register(): Promise<void> {
  // It also runs in the edge runtime, where the cache cannot.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { secrets } = await import('./lib/secrets')
    const report = await secrets().warmup(['prod/api-key'])
    for (const result of report) if (result.outcome === 'failed') console.error(result.error)
  }
}
