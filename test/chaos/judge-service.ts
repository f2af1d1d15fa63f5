import { watchForDelays } from './busy-machine.js'
import type { FaultLog } from './fault-log.js'
import { Judge } from './judge.js'
import { type ServiceProcess, startService } from './service-process.js'
import type { Stage } from './stage.js'

/** Twice what it takes where nothing else runs: two processes, three databases and their rotations share the machine. */
const allowances = { staleMs: 4_000, recoveryMs: 4_000, connectionMs: 1_500, longestReadMs: 12_000 }

/** Starts the service on a stage, and a judge that hears all that it tells. */
export async function judgeService(
  { fake, keys, databases, history, proxy, certificateFile }: Stage,
  faults: FaultLog,
  seed: number,
  flags: readonly string[] = [],
): Promise<{ service: ServiceProcess; judge: Judge }> {
  const judge = new Judge(history, faults, allowances)
  const pools = databases.map(({ name, secretId, cache, engine, ca }) => ({ name, secretId, cache, engine, ca }))
  const service = await startService({ seed, region: fake.region, keys, pools }, { port: proxy.port, certificateFile, flags })
  service.on(message => {
    if (message.type === 'delayed') faults.lasted('machine: the service got no turn', message.from, message.to, 'process')
    if (message.type === 'trouble') judge.violated('trouble', message.what)
    if (message.type !== 'done') return
    for (const eviction of message.evictions) judge.evicted(eviction)
    for (const read of message.reads) judge.read(read)
    for (const query of message.queries) judge.query(query)
  })
  const delays = watchForDelays((from, to) => faults.lasted('machine: Secrets Manager got no turn', from, to, 'service'))
  void service.ended.then(delays.stop)
  return { service, judge }
}
