import { flag, records, requiredText, text, whole } from '../../input.js'
import { pageOf } from '../../operations/page.js'
import type { Output } from '../../output.js'
import { parameterNotFound } from '../errors.js'
import { keyOf, keysBelow, wantedParameter } from '../names.js'
import { labelsOf, latestOf, type Parameter, type ParameterVersion } from '../parameter.js'
import { shownValue } from '../values.js'
import { matching } from './filters.js'
import type { ParameterContext, ParameterOperationRule } from './operation.js'
import { nameOf, toOutput } from './read.js'

const badToken = 'InvalidNextToken'

/** GetParametersByPath: the parameters one level below a path, or all below it, in the order of their names. */
export const getParametersByPath: ParameterOperationRule = {
  members: ['Path', 'Recursive', 'ParameterFilters', 'WithDecryption', 'MaxResults', 'NextToken'],
  run(input, context) {
    const path = requiredText(input, 'Path', 2048).trim()
    const start = keysBelow(path)
    const isRecursive = flag(input, 'Recursive') ?? false
    const isDecrypted = flag(input, 'WithDecryption') ?? false
    const isOldCall = context.isOld(path)
    const below = context.store
      .all(name => isOldCall || context.isOld(name))
      .filter(({ name }) => isBelow(keyOf(name), start, isRecursive))
    const found = matching(below, records(input, 'ParameterFilters') ?? [], ['Type', 'KeyId', 'Label'])
    const { items, ...next } = pageOf(found, whole(input, 'MaxResults', 1, 10) ?? 10, text(input, 'NextToken'), badToken)
    return { Parameters: items.map(({ parameter, version }) => toOutput(parameter, version, isDecrypted)), ...next }
  },
}

/** GetParameterHistory: every version that is kept, the oldest first. */
export const getParameterHistory: ParameterOperationRule = {
  members: ['Name', 'WithDecryption', 'MaxResults', 'NextToken'],
  run(input, context) {
    const id = nameOf(input)
    const wanted = wantedParameter(id, context)
    const parameter = wanted && context.store.find(wanted.key, context.isOld(id))
    if (parameter === undefined || wanted?.selector !== undefined) throw parameterNotFound()
    const isDecrypted = flag(input, 'WithDecryption') ?? false
    const most = whole(input, 'MaxResults', 1, 50) ?? 50
    const { items, ...next } = pageOf(parameter.versions, most, text(input, 'NextToken'), badToken)
    const entries = items.map(version => ({
      ...metadataOf(parameter, version, context),
      Name: wanted?.name ?? parameter.name,
      Value: shownValue(parameter, version, isDecrypted),
      Labels: labelsOf(parameter, version.version),
    }))
    return { Parameters: entries, ...next }
  },
}

/** DescribeParameters: the latest version of each parameter, without its value. */
export const describeParameters: ParameterOperationRule = {
  members: ['ParameterFilters', 'MaxResults', 'NextToken'],
  run(input, context) {
    const all = context.store.all(context.isOld)
    const found = matching(all, records(input, 'ParameterFilters') ?? [], ['Name', 'Type', 'KeyId', 'Tier'])
    const { items, ...next } = pageOf(found, whole(input, 'MaxResults', 1, 50) ?? 50, text(input, 'NextToken'), badToken)
    const entries = items.map(({ parameter }) => ({
      ...metadataOf(parameter, latestOf(parameter), context),
      ARN: parameter.arn,
    }))
    return { Parameters: entries, ...next }
  },
}

function isBelow(key: string, start: string, isRecursive: boolean): boolean {
  return key.startsWith(start) && (isRecursive || !key.slice(start.length).includes('/'))
}

function metadataOf({ name, arn }: Parameter, version: ParameterVersion, { accountId }: ParameterContext): Output {
  const { type, keyId, modifiedMs, description, allowedPattern, tier } = version
  const [, partition = 'aws'] = arn.split(':')
  return {
    Name: name,
    Type: type,
    ...(keyId !== undefined && { KeyId: keyId }),
    LastModifiedDate: new Date(modifiedMs),
    LastModifiedUser: `arn:${partition}:iam::${accountId}:root`,
    ...(description !== undefined && { Description: description }),
    ...(allowedPattern !== undefined && { AllowedPattern: allowedPattern }),
    Version: version.version,
    Tier: tier,
    Policies: [],
    DataType: 'text',
  }
}
