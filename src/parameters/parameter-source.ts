import { SecretCacheError } from '../core/failures/errors.js'
import type { ParameterSource } from '../core/loads/parameter-source.js'
import { isArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue, SecretValues, SourceOptions } from '../core/secrets/source.js'
import { type CompleteClock, sleep } from '../core/time/clock.js'
import { TokenBucket } from '../core/time/token-bucket.js'
import { NewestVersions } from './newest-versions.js'
import { type Parameter, valueFrom } from './parameter.js'
import { explained } from './parameter-error.js'
import { parseParameterEvent } from './parameter-event.js'
import { bareName, checkParameterId } from './parameter-id.js'
import { parseParameterReference } from './parameter-reference.js'
import { noVersion, selectorOf } from './selector.js'

/** The most names that GetParameters accepts. */
const mostPerCall = 10

/**
 * An account has 40 calls a second in a Region, for all of its functions and services. A hundred parameters are read at once, and from then
 * on half of the quota is left to the others.
 */
const callsAtOnce = 10
const callEveryMs = 50

/** The pauses before a parameter is read again because the answer is older than one before it. */
const readAgainAfterMs = [200, 500, 1_000]

/** The calls of Parameter Store, which decrypt, and the Region that they go to, as far as it is known. */
export interface ParameterCalls {
  region(): string | undefined | Promise<string | undefined>
  /** `selector` is the number or the label of a version, which the service takes after the name and a colon. */
  getParameter(name: string, selector: string | undefined, options: SourceOptions): Promise<Parameter | undefined>
  /** Without it, parameters are read one by one. */
  getParameters?(names: string[], options: SourceOptions): Promise<Parameter[]>
}

/** A name as the service takes it. */
export function withSelector(name: string, selector: string | undefined): string {
  return selector === undefined ? name : `${name}:${selector}`
}

/** Reads parameters as a cache reads secrets. */
export function parameterSource(
  calls: ParameterCalls,
  clock: CompleteClock,
): Pick<ParameterSource, 'get' | 'getMany' | 'parameters'> {
  const newest = new NewestVersions()
  const bucket = new TokenBucket(callsAtOnce, callEveryMs, clock.now())

  /** Waits until a call may be made, so that a warm-up, or what replaces its batches, does not use up the quota. */
  async function turn(signal: AbortSignal): Promise<void> {
    const waitMs = bucket.take(clock.now())
    if (waitMs > 0) await sleep(clock, waitMs, signal)
  }

  async function read(secretId: string, selector: string | undefined, options: SourceOptions): Promise<Parameter> {
    await turn(options.signal)
    try {
      return (await calls.getParameter(secretId, selector, options)) ?? {}
    } catch (error) {
      throw explained(error, secretId, selector !== undefined)
    }
  }

  function answerOf(parameter: Parameter, request: SecretRequest): SecretValue {
    return valueFrom(parameter, request, newest.idOf(parameter))
  }

  async function readNewest(secretId: string, options: SourceOptions): Promise<Parameter> {
    for (const pauseMs of [...readAgainAfterMs, undefined]) {
      const parameter = await read(secretId, undefined, options)
      if (newest.accept(parameter)) return parameter
      if (pauseMs !== undefined) await sleep(clock, pauseMs, options.signal)
    }
    const hint = 'Parameter Store answers with an older version than before.'
    throw new SecretCacheError({ code: 'ERR_SECRET_UNAVAILABLE', message: 'The answer is old.', secretId, hint })
  }

  async function readPrevious(request: SecretRequest, options: SourceOptions): Promise<SecretValue> {
    const { secretId } = request
    const { Version = 0 } = await readNewest(secretId, options)
    if (Version <= 1) throw noVersion(secretId, 'The parameter has had one version only.')
    return answerOf(await read(secretId, String(Version - 1), options), request)
  }

  async function get(request: SecretRequest, options: SourceOptions): Promise<SecretValue> {
    const { secretId } = request
    checkParameterId(secretId, await calls.region())
    const selector = selectorOf(request)
    if (selector === 'previous') return readPrevious(request, options)
    const parameter = selector === undefined ? await readNewest(secretId, options) : await read(secretId, selector.text, options)
    return answerOf(parameter, request)
  }

  async function getMany(secretIds: string[], options: SourceOptions): Promise<SecretValues> {
    const region = await calls.region()
    const valid = secretIds.filter(secretId => {
      try {
        checkParameterId(secretId, region)
        return true
      } catch {
        // A read of its own says what is wrong with it.
        return false
      }
    })
    // The service has one answer for the forms of a name.
    const names = [...new Map(valid.map(secretId => [bareName(secretId), secretId])).values()]
    const found = (await Promise.all(chunksOf(names).map(chunk => readChunk(chunk, options)))).flat()
    const newestFound = found.filter(parameter => newest.accept(parameter))
    const values = valid.flatMap(secretId => {
      const parameter = newestFound.find(({ ARN, Name = '' }) =>
        isArn(secretId) ? ARN === secretId : bareName(Name) === bareName(secretId),
      )
      return parameter === undefined ? [] : [answerOf(parameter, { secretId })]
    })
    // What is missing in the answer is read alone, which shows the reason.
    return { values, errors: [] }
  }

  async function readChunk(names: string[], options: SourceOptions): Promise<Parameter[]> {
    await turn(options.signal)
    try {
      return (await calls.getParameters?.(names, options)) ?? []
    } catch (error) {
      throw explained(error, names[0] as string, false)
    }
  }

  return {
    parameters: { parseReference: parseParameterReference, parseEvent: parseParameterEvent },
    get,
    ...(calls.getParameters !== undefined && { getMany }),
  }
}

function chunksOf(names: readonly string[]): string[][] {
  const chunks: string[][] = []
  for (let start = 0; start < names.length; start += mostPerCall) chunks.push(names.slice(start, start + mostPerCall))
  return chunks
}
