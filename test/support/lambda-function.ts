import { RuntimeApi } from './runtime-api.js'
import { bundleScript, type ScriptProcess, startScript } from './typescript-process.js'

/** How Lambda runs a function. */
export interface FunctionSettings {
  type?: 'on-demand' | 'provisioned-concurrency' | 'snap-start' | 'lambda-managed-instances'
  /** The worker threads of a Managed Instance. */
  workers?: number
  /** Whether the runtime calls the hooks of SnapStart. */
  hasHooks?: boolean
}

/** A real process that Lambda's runtime API invokes, freezes and thaws. */
export interface LambdaFunction extends AsyncDisposable {
  readonly process: ScriptProcess
  /** Stops the process where it is, as Lambda does when it has answered and when the init phase is over. */
  freeze(): void
  thaw(): void
  /** Goes on from the snapshot that was taken after the init phase; the wall clock has jumped meanwhile. */
  restore(options?: { clockJumpMs?: number }): Promise<void>
  /** Thaws the process, hands it an event, and resolves with its answer; where it freezes, once it asks for the next event. */
  invoke(event?: unknown): Promise<unknown>
}

const runtime = `
  import { startRuntime } from './test/support/lambda-runtime.js'
  await startRuntime(import.meta.url)`

/** Starts a function whose script defines `handler`. Resolves when the init phase is over. */
export async function startFunction(
  script: string,
  env: Record<string, string>,
  { type = 'on-demand', workers = 1, hasHooks = false }: FunctionSettings = {},
): Promise<LambdaFunction> {
  const isFrozen = type !== 'lambda-managed-instances'
  const api = new RuntimeApi()
  const bundle = await bundleScript(`${script}\nexport { handler }`)
  const process = await startScript(runtime, {
    ...env,
    AWS_LAMBDA_RUNTIME_API: await api.listen(),
    AWS_LAMBDA_INITIALIZATION_TYPE: type,
    _HANDLER: bundle.file,
    ...(!isFrozen && { AWS_LAMBDA_MAX_CONCURRENCY: '64', AWS_LAMBDA_NODEJS_WORKER_COUNT: String(workers) }),
    ...(hasHooks && { RESTORE_HOOKS: '1' }),
  })
  const ended = process.ended.then(({ stderr }): never => {
    throw new Error(`The process has ended: ${stderr}`)
  })
  const stop = async (): Promise<void> => {
    process.child.kill('SIGKILL')
    await ended.catch(() => {})
    api.close()
    await bundle.remove()
  }
  const asked = (what: 'invocation' | 'restore', times?: number): Promise<void> => Promise.race([api.asked(what, times), ended])
  await asked(hasHooks ? 'restore' : 'invocation', workers).catch(async error => {
    await stop()
    throw error
  })
  const thaw = (): void => void process.child.kill('SIGCONT')
  return {
    process,
    freeze: () => void process.child.kill('SIGSTOP'),
    thaw,
    async restore({ clockJumpMs = 0 } = {}) {
      api.clockJumpMs = clockJumpMs
      thaw()
      if (!hasHooks) return
      await api.restore()
      await asked('invocation')
    },
    async invoke(event = {}) {
      thaw()
      const answer = api.deliver(event)
      if (!isFrozen) return answer
      await Promise.race([answer, ended])
      await asked('invocation')
      return answer
    },
    [Symbol.asyncDispose]: stop,
  }
}
