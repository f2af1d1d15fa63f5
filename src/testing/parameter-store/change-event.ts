import { envelope, type Happening } from '../event-bridge.js'
import { latestOf, type Parameter, type ParameterType } from './parameter.js'

/** What happened to a parameter. */
export type ParameterOperation = 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion'

/** The event that Parameter Store sends to EventBridge when a parameter changes. It names no version. */
export interface ParameterStoreChangeEvent {
  /** The version of the EventBridge envelope. */
  version: '0'
  /** The id of the event, unique for each event. */
  id: string
  /** The type by which EventBridge rules match the event. */
  'detail-type': 'Parameter Store Change'
  /** The service that has sent the event. */
  source: 'aws.ssm'
  /** The account that owns the parameter. */
  account: string
  /** When the parameter changed, in ISO 8601, to the second. */
  time: string
  /** The Region of the parameter. */
  region: string
  /** The ARN of the parameter. */
  resources: [string]
  /** What happened, and the name, the type and the description of the parameter. */
  detail: { operation: ParameterOperation; name: string; type: ParameterType; description?: string }
}

/** The event of a change. */
export function changeEvent(
  operation: ParameterOperation,
  parameter: Parameter,
  where: Omit<Happening, 'arn'>,
): ParameterStoreChangeEvent {
  const { type, description } = latestOf(parameter)
  return {
    ...envelope('aws.ssm', 'Parameter Store Change', { ...where, arn: parameter.arn }),
    detail: { operation, name: parameter.name, type, ...(description !== undefined && { description }) },
  }
}
