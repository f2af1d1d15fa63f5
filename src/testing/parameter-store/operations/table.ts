import { deleteParameter, deleteParameters } from './delete.js'
import { labelParameterVersion, unlabelParameterVersion } from './labels.js'
import { describeParameters, getParameterHistory, getParametersByPath } from './list.js'
import type { ParameterOperationRule } from './operation.js'
import { putParameter } from './put.js'
import { getParameter, getParameters } from './read.js'

/** An operation of Parameter Store that the fake implements, under the service's name. */
export type FakeParameterOperation =
  | 'DeleteParameter'
  | 'DeleteParameters'
  | 'DescribeParameters'
  | 'GetParameter'
  | 'GetParameterHistory'
  | 'GetParameters'
  | 'GetParametersByPath'
  | 'LabelParameterVersion'
  | 'PutParameter'
  | 'UnlabelParameterVersion'

/** All operations of the fake. */
export const operations: Readonly<Record<FakeParameterOperation, ParameterOperationRule>> = {
  DeleteParameter: deleteParameter,
  DeleteParameters: deleteParameters,
  DescribeParameters: describeParameters,
  GetParameter: getParameter,
  GetParameterHistory: getParameterHistory,
  GetParameters: getParameters,
  GetParametersByPath: getParametersByPath,
  LabelParameterVersion: labelParameterVersion,
  PutParameter: putParameter,
  UnlabelParameterVersion: unlabelParameterVersion,
}
