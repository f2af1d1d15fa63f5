/**
 * What Lambda runs around a handler, in the form of aws-lambda-ric 4: one invocation at a time, or, with AWS_LAMBDA_MAX_CONCURRENCY, worker
 * threads that each load the function's module and take invocations without waiting for those under way. With RESTORE_HOOKS it is a runtime
 * that knows SnapStart's hooks, which aws-lambda-ric does not.
 */
import { isMainThread, Worker } from 'node:worker_threads'

const { env } = process
const isConcurrent = env.AWS_LAMBDA_MAX_CONCURRENCY !== undefined
const runtimeApi = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`

interface FunctionModule {
  handler(event: unknown, context: object): unknown
  afterRestoreHook?(): Promise<void>
}

async function post(path: string, body: unknown): Promise<void> {
  await (await fetch(runtimeApi + path, { method: 'POST', body: JSON.stringify(body ?? null) })).text()
}

/** Waits for Lambda, and lets the wall clock jump if the process was restored from a snapshot meanwhile. */
async function next(path: string): Promise<Response> {
  const response = await fetch(runtimeApi + path)
  jumpClock(Number(response.headers.get('clock-jump-ms') ?? 0))
  return response
}

/** Runs a step whose failure Lambda has to be told. */
async function reported<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    await post(path, failureOf(error))
    throw error
  }
}

function failureOf(error: unknown): object {
  const { name: errorType, message: errorMessage } = error as Error
  return { errorType, errorMessage }
}

async function run(): Promise<void> {
  const loaded = await reported('init/error', async () => (await import(env._HANDLER as string)) as FunctionModule)
  if (env.RESTORE_HOOKS !== undefined) {
    await next('restore/next')
    await reported('restore/error', async () => loaded.afterRestoreHook?.())
  }
  for (;;) {
    const invocation = await next('invocation/next')
    const answered = answer(loaded, invocation)
    if (!isConcurrent) await answered
  }
}

async function answer({ handler }: FunctionModule, invocation: Response): Promise<void> {
  const path = `invocation/${invocation.headers.get('lambda-runtime-aws-request-id')}/`
  const deadline = Number(invocation.headers.get('lambda-runtime-deadline-ms'))
  try {
    const context = { getRemainingTimeInMillis: () => deadline - Date.now() }
    await post(`${path}response`, await handler(await invocation.json(), context))
  } catch (error) {
    await post(`${path}error`, failureOf(error))
  }
}

function jumpClock(byMs: number): void {
  if (byMs === 0) return
  const Before = Date
  globalThis.Date = class extends Before {
    constructor(...given: []) {
      super(...(given.length === 0 ? ([Before.now() + byMs] as unknown as []) : given))
    }

    static override now(): number {
      return Before.now() + byMs
    }
  } as DateConstructor
}

/** Starts the runtime. `script` is the URL of the script that calls this, which worker threads run too. */
export async function startRuntime(script: string): Promise<void> {
  if (!isConcurrent || !isMainThread) return run()
  for (let worker = 0; worker < Number(env.AWS_LAMBDA_NODEJS_WORKER_COUNT); worker += 1) {
    new Worker(new URL(script), { env }).on('error', error => console.error(error.message))
  }
}
