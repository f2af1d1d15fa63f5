import type { RotationContext, RotationEngine, WithPending } from './engine.js'
import { RotationRefusal, rotationError, stepErrorFrom } from './rotation-error.js'
import type { StepRequest } from './rotation-event.js'
import { readCurrent, type SecretDescription, type SecretsService, versionWith } from './secrets-service.js'

/** What a step needs. */
export interface StepInput {
  engine: RotationEngine
  service: SecretsService
  request: StepRequest
  context: RotationContext
  stages: SecretDescription['stages']
}

/** Runs a step; resolves with whether there was something to do. */
type Step = (input: StepInput) => Promise<boolean>

async function createSecret(input: StepInput): Promise<boolean> {
  const { engine, service, request, context } = input
  const current = await currentText(input)
  // Read before write: a second password for the same version would be rejected, and the database may already have the first.
  if ((await readPending(service, request)) !== undefined) return false
  const text = await engine.createSecret({ ...context, current })
  if (typeof text !== 'string') throw new RotationRefusal('the engine returned a value that is not text')
  const { secretId, versionId, rotationToken } = request
  if (await service.putPending({ secretId, versionId, rotationToken, text })) return true
  // Another attempt was faster, and the read above returned an older state. It only matters that there is a value.
  if ((await readPending(service, request)) !== undefined) return false
  throw rotationError({
    message: `Secret version ${versionId} of secret ${secretId} has a value that cannot be read yet.`,
    secretId,
    hint: 'Secrets Manager is eventually consistent; the next attempt will find it.',
  })
}

async function setSecret(input: StepInput): Promise<boolean> {
  const { engine, service, request, context } = input
  const current = await currentText(input)
  const pending = await requirePending(service, request)
  return (await engine.setSecret({ ...context, current, pending })) !== false
}

async function testSecret({ engine, service, request, context }: StepInput): Promise<boolean> {
  await engine.testSecret({ ...context, pending: await requirePending(service, request) })
  return true
}

async function finishSecret(input: StepInput): Promise<boolean> {
  const { engine, service, request, context, stages } = input
  const { secretId, versionId } = request
  // A step that arrives out of order must not move AWSCURRENT to a version that cannot be read, or that opens nothing.
  await requireAccepted({ ...context, pending: await requirePending(service, request) }, engine)
  const from = versionWith('AWSCURRENT', stages)
  // AWSPENDING stays on the version: to Secrets Manager that is a completed rotation, and the next one moves the label.
  await service.moveCurrent({ secretId, from, to: versionId })
  await cleanUp(input, from)
  return true
}

/** Nothing guarantees that `testSecret` has ever passed, so an engine that can ask the system must confirm that it accepts the version. */
async function requireAccepted(context: RotationContext & WithPending, engine: RotationEngine): Promise<void> {
  const { secretId, versionId } = context
  const version = `secret version ${versionId} of secret ${secretId}`
  let isRefused: boolean | undefined
  try {
    isRefused = await engine.refuses?.(context)
  } catch (error) {
    const { message, cause, hint } = stepErrorFrom(error, { secretId, what: 'the question' })
    throw rotationError({
      message: `Whether the system accepts ${version} is not known, so AWSCURRENT stays where it is until Secrets Manager tries again: ${message}`,
      secretId,
      cause: cause as Error | undefined,
      hint,
    })
  }
  if (!isRefused) return
  throw rotationError({
    message: `The system rejects ${version}, so AWSCURRENT stays where it is.`,
    secretId,
    hint: 'Rotate again: the steps before this one make the system accept it.',
  })
}

/** Lets the engine clean up. This runs again when the step is repeated after AWSCURRENT has moved, because the first call may have failed. */
export async function cleanUp({ engine, service, request, context }: StepInput, from?: string): Promise<void> {
  if (engine.finishSecret === undefined) return
  const { secretId, versionId } = request
  // By its id, because the label has just been moved.
  const current = await service.read(secretId, { versionId })
  const previous = from === undefined ? context.previous : () => service.read(secretId, { versionId: from })
  await engine.finishSecret({ ...context, previous, current: current ?? (await readCurrent(service, secretId)) })
}

/** The steps by the names that Secrets Manager sends. */
export const steps: ReadonlyMap<string, Step> = new Map<string, Step>(
  Object.entries({ createSecret, setSecret, testSecret, finishSecret }),
)

function currentText({ service, request, stages }: StepInput): Promise<string> {
  return readCurrent(service, request.secretId, versionWith('AWSCURRENT', stages))
}

function readPending(service: SecretsService, { secretId, versionId }: StepRequest): Promise<string | undefined> {
  return service.read(secretId, { versionStage: 'AWSPENDING', versionId })
}

async function requirePending(service: SecretsService, request: StepRequest): Promise<string> {
  const text = await readPending(service, request)
  if (text !== undefined) return text
  throw rotationError({
    message: `Secret version ${request.versionId} of secret ${request.secretId} has no value yet.`,
    secretId: request.secretId,
    hint: 'createSecret gives it one.',
  })
}
