import type { RotationContext, RotationLogEvent } from './engine.js'
import { checkGate } from './gate.js'
import { randomPassword } from './password.js'
import { rotationError, stepErrorFrom } from './rotation-error.js'
import { type RotationEvent, readRotationEvent, type StepRequest } from './rotation-event.js'
import { checkRotationOptions, type RotationHandlerOptions } from './rotation-options.js'
import { readCurrent, type SecretDescription, secretsService, versionWith } from './secrets-service.js'
import { cleanUp, type StepInput, steps } from './steps.js'

/** The handler of a rotation function in Lambda. */
export type RotationHandler = (event: RotationEvent) => Promise<void>

/**
 * Creates the handler of the Lambda function that Secrets Manager calls to rotate a secret. It implements the steps `createSecret`,
 * `setSecret`, `testSecret` and `finishSecret`.
 *
 * Each step may be repeated, and interrupted at any point; a new attempt ends where the first would have. During a rotation, and after one
 * that failed, AWSCURRENT or AWSPENDING opens the system. A step that fails rejects with `ERR_ROTATION_STEP`, often with a `hint`, and
 * Secrets Manager tries again. Wrong options throw a `TypeError`.
 *
 * @example
 * import pg from 'pg'
 * import { createRotationHandler, postgres } from 'awscurrent/rotation'
 *
 * export const handler = createRotationHandler({ strategy: 'alternating-users', engine: postgres({ pg }) })
 */
export function createRotationHandler(options: RotationHandlerOptions): RotationHandler {
  const { engine, strategy, password, log, client, region } = checkRotationOptions(options)
  const service = secretsService({ ...(client && { client }), ...(region !== undefined && { region }) })

  const contextOf = (request: StepRequest, stages: SecretDescription['stages']): RotationContext => {
    const { step, secretId, versionId } = request
    const previousId = versionWith('AWSPREVIOUS', stages)
    return {
      secretId,
      versionId,
      strategy,
      previous: async () => (previousId === undefined ? undefined : service.read(secretId, { versionId: previousId })),
      createPassword: async () =>
        password.source === 'local' ? randomPassword(password.length) : service.randomPassword(secretId, password.length),
      readSecret: id => readCurrent(service, id),
      readTags: async id => (await service.describe(id)).tags,
      log: (type, reason) => tell(log, { type, step, secretId, versionId, ...(reason !== undefined && { reason }) }),
    }
  }

  return async event => {
    const request = readRotationEvent(event)
    try {
      const { stages, ...description } = await service.describe(request.secretId)
      const context = contextOf(request, stages)
      const input: StepInput = { engine, service, request, context, stages }
      if (checkGate(request, { ...description, stages }) === 'done') {
        if (request.step === 'finishSecret') await cleanUp(input)
        return context.log('unchanged')
      }
      const run = steps.get(request.step)
      if (run === undefined) throw unknownStep(request)
      context.log((await run(input)) ? 'done' : 'unchanged')
    } catch (error) {
      throw stepErrorFrom(error, { secretId: request.secretId, what: `${request.step} of ${request.secretId}` })
    }
  }
}

function unknownStep({ step, secretId }: StepRequest): Error {
  return rotationError({ message: `Invalid step parameter ${step} for secret ${secretId}`, secretId })
}

/** A log that fails must not fail a rotation, least of all between two labels. */
function tell(log: RotationHandlerOptions['log'], event: RotationLogEvent): void {
  // Nothing is left to report it to.
  void (async () => log?.(event))().catch(() => {})
}
