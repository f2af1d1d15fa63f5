import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromService, ServicePlan, ToService } from './messages.js'

/** The process that runs the service. */
export interface ServiceProcess {
  tell(message: ToService): void
  on(listener: (message: FromService) => void): void
  /** Resolves with the next message of a type. */
  next<Type extends FromService['type']>(type: Type): Promise<Extract<FromService, { type: Type }>>
  /** Stops it; the function it returns has it go on. */
  freeze(): () => void
  readonly ended: Promise<string>
  kill(): void
}

/** Starts the service with little memory. It finds Secrets Manager by its environment, as services do. */
export async function startService(
  plan: ServicePlan,
  { port, certificateFile, flags = [] }: { port: number; certificateFile: string; flags?: readonly string[] },
): Promise<ServiceProcess> {
  const file = fileURLToPath(new URL('service.ts', import.meta.url))
  const child = spawn(process.execPath, ['--max-old-space-size=64', ...flags, '--import', 'tsx', file], {
    env: {
      ...process.env,
      CHAOS: JSON.stringify(plan),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `https://localhost:${port}`,
      AWS_ACCESS_KEY_ID: 'chaos',
      AWS_SECRET_ACCESS_KEY: 'chaos',
      NODE_EXTRA_CA_CERTS: certificateFile,
      NODE_NO_WARNINGS: '1',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const service = serviceProcess(child)
  await service.next('ready')
  return service
}

function serviceProcess(child: ChildProcess): ServiceProcess {
  const ended = once(child, 'exit').then(([code, signal]) => (signal === null ? `exit code ${code}` : String(signal)))
  // Told to a process that has ended: its end is reported by `ended`.
  child.on('error', () => {})
  return {
    ended,
    tell(message) {
      if (child.connected) child.send(message)
    },
    on: listener => void child.on('message', message => listener(message as FromService)),
    next(type) {
      return new Promise((resolve, reject) => {
        const onMessage = (message: unknown): void => {
          const told = message as FromService
          if (told.type !== type) return
          child.off('message', onMessage)
          resolve(told as Extract<FromService, { type: typeof type }>)
        }
        child.on('message', onMessage)
        void ended.then(ending => reject(new Error(`The service has ended: ${ending}`)))
      })
    },
    freeze() {
      child.kill('SIGSTOP')
      return () => child.kill('SIGCONT')
    },
    kill: () => child.kill('SIGKILL'),
  }
}
