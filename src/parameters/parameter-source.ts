import { SecretCacheError } from '../core/failures/errors.js'
import type { ParameterSource } from '../core/loads/parameter-source.js'
import { isArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue, SecretValues, SourceOptions } from '../core/secrets/source.js'
import { type CompleteClock, sleep } from '../core/time/clock.js'
import { GatheredReads, mostPerCall } from './gathered-reads.js'
import { isOfAnother, NewestVersions } from './newest-versions.js'
import { type Parameter, valueFrom } from './parameter.js'
import { explained } from './parameter-error.js'
import { parseParameterEvent } from './parameter-event.js'
import { bareName, checkParameterId } from './parameter-id.js'
import { parseParameterReference } from './parameter-reference.js'
import { noVersion, selectorOf } from './selector.js'
import { Turns } from './turns.js'

/** The pauses before a parameter is read again because the answer is older than one before it. */
const readAgainAfterMs = [200, 500, 1_000]

/** Options of a call, and the wait before one that is repeated. */
interface ParameterOptions extends SourceOptions {
  nextTurn(): Promise<void>
}

/** The calls of Parameter Store, which decrypt, and the Region that they go to, as far as it is known. */
export interface ParameterCalls {
  region(): string | undefined | Promise<string | undefined>
  /** `selector` is the number or the label of a version, which the service takes after the name and a colon. */
  getParameter(name: string, selector: string | undefined, options: ParameterOptions): Promise<Parameter | undefined>
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
  const turns = new Turns(clock)
  const { getParameters } = calls
  const gathered = getParameters && new GatheredReads({ one, many: getParameters }, turns, clock)

  /** Makes a call whose turn has come. */
  function one(secretId: string, options: SourceOptions, selector?: string): Promise<Parameter | undefined> {
    return calls.getParameter(secretId, selector, { ...options, nextTurn: () => turns.wait(options.signal) })
  }

  async function oneInTurn(secretId: string, options: SourceOptions, selector?: string): Promise<Parameter | undefined> {
    await turns.wait(options.signal)
    return one(secretId, options, selector)
  }

  async function read(secretId: string, options: SourceOptions, selector?: string): Promise<Parameter> {
    const isGathered = gathered !== undefined && selector === undefined
    try {
      return (await (isGathered ? gathered.read(secretId, options) : oneInTurn(secretId, options, selector))) ?? {}
    } catch (error) {
      throw explained(error, secretId, selector !== undefined)
    }
  }

  async function readNewest(secretId: string, options: SourceOptions): Promise<Parameter> {
    for (const pauseMs of [...readAgainAfterMs, undefined]) {
      const parameter = await read(secretId, options)
      if (newest.accept(parameter)) return parameter
      if (pauseMs !== undefined) await sleep(clock, pauseMs, options.signal)
    }
    const hint = 'Parameter Store answers with an older version than before.'
    throw new SecretCacheError({ code: 'ERR_SECRET_UNAVAILABLE', message: 'The answer is old.', secretId, hint })
  }

  async function readPrevious(secretId: string, options: SourceOptions): Promise<Parameter> {
    const { Version = 0 } = await readNewest(secretId, options)
    if (Version <= 1) throw noVersion(secretId, 'The parameter has had one version only.')
    return read(secretId, options, String(Version - 1))
  }

  async function readSelected(request: SecretRequest, options: SourceOptions): Promise<Parameter> {
    const { secretId } = request
    const selector = selectorOf(request)
    if (selector === undefined) return readNewest(secretId, options)
    return selector === 'previous' ? readPrevious(secretId, options) : read(secretId, options, selector.text)
  }

  async function get(request: SecretRequest, options: SourceOptions): Promise<SecretValue> {
    checkParameterId(request.secretId, await calls.region())
    return answerOf(await readSelected(request, options), request)
  }

  /** The value of a parameter. Throws ERR_SECRET_VERSION if the version that was requested had another date, so that it is gone. */
  function answerOf(parameter: Parameter, request: SecretRequest): SecretValue {
    const { secretId, versionId } = request
    if (isOfAnother(versionId, parameter)) throw noVersion(secretId, 'The parameter was deleted since, and created again.')
    return valueFrom(parameter, request, newest.idOf(parameter))
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
    await turns.wait(options.signal)
    try {
      return (await getParameters?.(names, options)) ?? []
    } catch (error) {
      throw explained(error, names[0] as string, false)
    }
  }

  return {
    parameters: { parseReference: parseParameterReference, parseEvent: parseParameterEvent },
    get,
    ...(getParameters !== undefined && { getMany }),
  }
}

function chunksOf(names: readonly string[]): string[][] {
  const chunks: string[][] = []
  for (let start = 0; start < names.length; start += mostPerCall) chunks.push(names.slice(start, start + mostPerCall))
  return chunks
}
