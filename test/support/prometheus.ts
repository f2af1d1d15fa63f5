import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, giveAway, makeServerFolder, type ServerProcess, startServer } from './server-process.js'

/** A Prometheus that scrapes one exporter and evaluates rules, both several times a second. */
export interface Prometheus extends ServerProcess {
  /** The names of the alerts that fire. */
  firing(): Promise<string[]>
  /** The values of a query. */
  query(expression: string): Promise<number[]>
}

interface Answer {
  readonly data: {
    readonly alerts: readonly { readonly state: string; readonly labels: { readonly alertname: string } }[]
    readonly result: readonly { readonly value: readonly [number, string] }[]
  }
}

export async function startPrometheus({ exporterPort, rules }: { exporterPort: number; rules: string }): Promise<Prometheus> {
  const folder = makeServerFolder('prometheus')
  const write = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    giveAway(file)
    return file
  }
  write('rules.yaml', rules)
  const config = write(
    'prometheus.yaml',
    `global: { scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms }
rule_files: [rules.yaml]
scrape_configs: [{ job_name: test, static_configs: [{ targets: ['127.0.0.1:${exporterPort}'] }] }]
`,
  )
  const server = await startServer({
    program: findProgram('prometheus', 'prometheus'),
    args: port => [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    folder,
    ready: 'Server is ready to receive web requests',
    endSignal: 'SIGKILL',
  })
  const ask = async (path: string): Promise<Answer['data']> => {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/${path}`)
    return ((await response.json()) as Answer).data
  }
  return {
    ...server,
    async firing() {
      const { alerts } = await ask('alerts')
      return [...new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname))].sort()
    },
    async query(expression) {
      const { result } = await ask(`query?query=${encodeURIComponent(expression)}`)
      return result.map(({ value }) => Number(value[1]))
    },
  }
}
