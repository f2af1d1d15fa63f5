import { flag, type Input, requiredText, text } from '../../input.js'
import { invalidMember, ServiceError } from '../../service-error.js'
import { unexpected } from '../../unexpected.js'
import { validation } from '../errors.js'
import { checkNewName, keyOf } from '../names.js'
import { labelsOf, latestOf, type Parameter, type ParameterType, type ParameterVersion } from '../parameter.js'
import type { ParameterOperationRule } from './operation.js'
import { nameOf } from './read.js'

type Tier = ParameterVersion['tier']

const mostVersions = 100
const types: readonly string[] = ['SecureString', 'StringList', 'String']
const tiers: readonly string[] = ['Standard', 'Advanced', 'Intelligent-Tiering']
const mostBytes: Readonly<Record<Tier, number>> = { Standard: 4096, Advanced: 8192 }
const defaultKeyId = 'alias/aws/ssm'

/** PutParameter: creates a parameter, or with `Overwrite` adds a version. */
export const putParameter: ParameterOperationRule = {
  members: ['Name', 'Value', 'Type', 'Overwrite', 'Description', 'KeyId', 'Tier', 'AllowedPattern', 'DataType'],
  run(input, context) {
    const name = checkNewName(nameOf(input))
    const existing = context.store.find(keyOf(name))
    if (existing !== undefined && flag(input, 'Overwrite') !== true) {
      throw new ServiceError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      )
    }
    const version = newVersion(input, existing, context.now())
    if (existing === undefined) context.store.create(name, version)
    else {
      checkOldest(existing)
      context.store.addVersion(existing, version, mostVersions)
    }
    return { Version: version.version, Tier: version.tier }
  },
}

/** The version that a request adds. What it leaves out stays as it is in the version before. */
function newVersion(input: Input, existing: Parameter | undefined, modifiedMs: number): ParameterVersion {
  const last = existing && latestOf(existing)
  const value = checkValue(requiredText(input, 'Value', 32_768))
  const type = typeOf(input, last)
  const description = text(input, 'Description') ?? last?.description
  const allowedPattern = text(input, 'AllowedPattern') ?? last?.allowedPattern
  const keyId = text(input, 'KeyId') ?? last?.keyId ?? defaultKeyId
  checkDataType(input)
  checkPattern(allowedPattern, value)
  return {
    version: (last?.version ?? 0) + 1,
    value,
    type,
    tier: tierOf(input, value, last),
    modifiedMs,
    ...(description !== undefined && { description }),
    ...(type === 'SecureString' && { keyId }),
    ...(allowedPattern !== undefined && { allowedPattern }),
  }
}

function checkValue(value: string): string {
  const opens = value.indexOf('{{')
  if (opens >= 0 && value.includes('}}', opens + 2))
    throw validation('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.')
  return value
}

function typeOf(input: Input, last: ParameterVersion | undefined): ParameterType {
  const type = text(input, 'Type') ?? last?.type
  if (type === undefined) throw validation('A parameter type is required when you create a parameter.')
  if (!isType(type)) throw invalidMember('Type', `satisfy enum value set: [${types.join(', ')}]`)
  if (last !== undefined && type !== last.type) {
    throw new ServiceError(
      'HierarchyTypeMismatchException',
      "Parameter Store doesn't support changing a parameter type in a hierarchy. You must create a new, unique parameter.",
    )
  }
  return type
}

function tierOf(input: Input, value: string, last: ParameterVersion | undefined): Tier {
  const wanted = text(input, 'Tier')
  if (wanted !== undefined && !tiers.includes(wanted))
    throw invalidMember('Tier', `satisfy enum value set: [${tiers.join(', ')}]`)
  if (wanted === 'Standard' && last?.tier === 'Advanced') {
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit of 4096 characters.",
    )
  }
  const bytes = Buffer.byteLength(value)
  const isLarge = wanted === 'Intelligent-Tiering' && bytes > mostBytes.Standard
  const tier = wanted === 'Advanced' || last?.tier === 'Advanced' || isLarge ? 'Advanced' : 'Standard'
  // The limits are documented in KB; moto checks none.
  if (bytes > mostBytes[tier]) {
    const remedy =
      tier === 'Standard' ? 'To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. ' : ''
    throw validation(
      `${tier} tier parameters support a maximum parameter value of ${mostBytes[tier]} characters. ${remedy}For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`,
    )
  }
  return tier
}

function checkPattern(pattern: string | undefined, value: string): void {
  if (pattern !== undefined && !compile(pattern).test(value)) {
    throw new ServiceError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    )
  }
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch {
    throw new ServiceError('InvalidAllowedPatternException', "The request doesn't meet the regular expression requirement.")
  }
}

function checkDataType(input: Input): void {
  const dataType = text(input, 'DataType') ?? 'text'
  if (dataType !== 'text') throw unexpected(`FakeParameterStore has no parameters of the data type ${dataType}.`, ['text'])
}

/** The version that makes room for a new one must not have a label. */
function checkOldest(existing: Parameter): void {
  const { name, versions } = existing
  const [oldest] = versions
  if (versions.length < mostVersions || labelsOf(existing, oldest.version).length === 0) return
  throw new ServiceError(
    'ParameterMaxVersionLimitExceeded',
    `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
  )
}

function isType(type: string): type is ParameterType {
  return types.includes(type)
}
