import { setTimeout as sleep } from 'node:timers/promises'
import type { History } from './history.js'
import type { Judge } from './judge.js'
import type { ServiceProcess } from './service-process.js'

const endsWithinMs = 10_000

/** Once nothing goes wrong and nothing moves any more, every read must answer the current version and every pool must work. */
export async function lookAround(service: ServiceProcess, judge: Judge, history: History): Promise<void> {
  const looked = service.next('looked')
  service.tell({ type: 'look' })
  const { reads, queries } = await looked
  for (const { secretId, cache, answer } of reads) {
    const got = 'code' in answer ? answer.code : answer.versionId
    if (got !== history.current(secretId)?.versionId) judge.violated('converged', `${secretId} (${cache}): ${got}`)
  }
  for (const { pool, failed } of queries) for (const { code } of failed) judge.violated('converged', `${pool}: ${code}`)
}

/** Has the service close everything; it must leave nothing behind, and end by itself. */
export async function closeService(service: ServiceProcess, judge: Judge): Promise<void> {
  const closed = service.next('closed')
  service.tell({ type: 'close' })
  const { left } = await closed
  for (const [kind, count] of Object.entries(left)) judge.violated('leaks', `${count} × ${kind}`)
  const ending = await Promise.race([service.ended, sleep(endsWithinMs, 'it did not end', { ref: false })])
  if (ending === 'exit code 0') return
  judge.violated('exit', ending)
  service.kill()
}
