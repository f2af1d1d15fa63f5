import { flag, type Input, requiredText, texts } from '../../input.js'
import type { Output } from '../../output.js'
import { invalidMember, ServiceError } from '../../service-error.js'
import { parameterNotFound, versionNotFound } from '../errors.js'
import { type WantedParameter, wantedParameter } from '../names.js'
import { latestOf, type Parameter, type ParameterVersion, versionOf } from '../parameter.js'
import { shownValue } from '../values.js'
import type { ParameterContext, ParameterOperationRule } from './operation.js'
import { isReference, readReference } from './reference.js'

const mostNames = 10

/** The name in an input, without the spaces around it, which the service ignores. */
export function nameOf(input: Input): string {
  return requiredText(input, 'Name', 2048).trim()
}

/** The names in an input. */
export function namesOf(input: Input): string[] {
  const names = texts(input, 'Names', mostNames)
  if (names === undefined) throw invalidMember('Names', 'not be null')
  return [...new Set(names.map(name => name.trim()))]
}

/** GetParameter: by name or ARN, with or without a version or label. */
export const getParameter: ParameterOperationRule = {
  members: ['Name', 'WithDecryption'],
  run(input, context) {
    return { Parameter: read(nameOf(input), flag(input, 'WithDecryption') ?? false, context) }
  },
}

/** GetParameters: what cannot be found, and what no parameter can be called, is a member of `InvalidParameters`. */
export const getParameters: ParameterOperationRule = {
  members: ['Names', 'WithDecryption'],
  run(input, context) {
    const isDecrypted = flag(input, 'WithDecryption') ?? false
    const found: { Name: string }[] = []
    const invalid: string[] = []
    for (const name of namesOf(input)) {
      try {
        found.push(read(name, isDecrypted, context))
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error
        invalid.push(name)
      }
    }
    found.sort((left, right) => (left.Name < right.Name ? -1 : 1))
    return { Parameters: found, InvalidParameters: invalid }
  },
}

/** A version in the form in which reads return it. */
export function toOutput(
  parameter: Parameter,
  version: ParameterVersion,
  isDecrypted: boolean,
  { name = parameter.name, selector }: Partial<WantedParameter> = {},
): Output & { Name: string } {
  return {
    Name: name,
    Type: version.type,
    Value: shownValue(parameter, version, isDecrypted),
    Version: version.version,
    ...(selector !== undefined && { Selector: `:${selector}` }),
    LastModifiedDate: new Date(version.modifiedMs),
    ARN: parameter.arn,
    DataType: 'text',
  }
}

function read(id: string, isDecrypted: boolean, context: ParameterContext): Output & { Name: string } {
  if (isReference(id)) return readReference(id, isDecrypted, context)
  const wanted = wantedParameter(id, context)
  const parameter = wanted && context.store.find(wanted.key, context.isOld(id))
  if (wanted === undefined || parameter === undefined) throw parameterNotFound()
  return toOutput(parameter, select(parameter, wanted), isDecrypted, wanted)
}

function select(parameter: Parameter, { name = parameter.name, selector }: WantedParameter): ParameterVersion {
  if (selector === undefined) return latestOf(parameter)
  if (/^\d+$/.test(selector)) {
    const version = versionOf(parameter, Number(selector))
    if (version === undefined) throw versionNotFound(name, selector)
    return version
  }
  const version = versionOf(parameter, parameter.labels.get(selector) ?? 0)
  // As moto answers; the documentation names ParameterVersionNotFound for versions only.
  if (version === undefined) throw parameterNotFound()
  return version
}
