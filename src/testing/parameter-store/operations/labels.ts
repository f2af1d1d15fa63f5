import { type Input, texts, whole } from '../../input.js'
import { invalidMember, ServiceError } from '../../service-error.js'
import { parameterNotFound, versionNotFound } from '../errors.js'
import { checkName, keyOf } from '../names.js'
import { labelsOf, latestOf, type Parameter, versionOf } from '../parameter.js'
import type { ParameterContext, ParameterOperationRule } from './operation.js'
import { nameOf } from './read.js'

const mostLabels = 10

/** What a label can be. moto takes AWS and SSM in capitals. */
const labelForm = /^(?!\d|aws|ssm)[A-Za-z0-9_.-]{1,100}$/i

/** LabelParameterVersion: moves labels to a version, the latest unless another is given. */
export const labelParameterVersion: ParameterOperationRule = {
  members: ['Name', 'Labels', 'ParameterVersion'],
  run(input, context) {
    const parameter = parameterOf(input, context)
    const version = requireVersion(input, parameter) ?? latestOf(parameter).version
    const wanted = labelsIn(input)
    const valid = wanted.filter(label => labelForm.test(label))
    const labels = new Map([...parameter.labels, ...valid.map(label => [label, version] as const)])
    if (labelsOf({ ...parameter, labels }, version).length > mostLabels) {
      throw new ServiceError(
        'ParameterVersionLabelLimitExceeded',
        `A parameter version can have maximum ${mostLabels} labels. Move one or more labels to another version and try again.`,
      )
    }
    if (valid.length > 0) context.store.setLabels(parameter, labels, 'LabelParameterVersion')
    return { InvalidLabels: wanted.filter(label => !valid.includes(label)), ParameterVersion: version }
  },
}

/** UnlabelParameterVersion: removes labels from the version that has them. The service sends no event. */
export const unlabelParameterVersion: ParameterOperationRule = {
  members: ['Name', 'Labels', 'ParameterVersion'],
  run(input, context) {
    const parameter = parameterOf(input, context)
    const version = requireVersion(input, parameter)
    if (version === undefined) throw invalidMember('ParameterVersion', 'not be null')
    const wanted = labelsIn(input)
    const removed = wanted.filter(label => parameter.labels.get(label) === version)
    const labels = new Map([...parameter.labels].filter(([label]) => !removed.includes(label)))
    if (removed.length > 0) context.store.setLabels(parameter, labels)
    return { RemovedLabels: removed, InvalidLabels: wanted.filter(label => !removed.includes(label)) }
  },
}

function parameterOf(input: Input, { store }: ParameterContext): Parameter {
  const parameter = store.find(keyOf(checkName(nameOf(input))))
  if (parameter === undefined) throw parameterNotFound()
  return parameter
}

function requireVersion(input: Input, parameter: Parameter): number | undefined {
  const wanted = whole(input, 'ParameterVersion', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  if (wanted !== undefined && versionOf(parameter, wanted) === undefined) throw versionNotFound(parameter.name, wanted)
  return wanted
}

function labelsIn(input: Input): string[] {
  const labels = texts(input, 'Labels', mostLabels)
  if (labels === undefined) throw invalidMember('Labels', 'not be null')
  return [...new Set(labels)]
}
