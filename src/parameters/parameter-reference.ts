import type { SecretReference } from '../core/secrets/secret-reference.js'
import { isParameterId } from './parameter-id.js'

/** A reference of CloudFormation, which may name a version but no label: `resolve:ssm:name:3`. */
const dynamicForm = /^resolve:ssm(?:-secure)?:([\w.\-/]+)(?::(\d+))?$/

/** A `valueFrom` of a container definition, with a version or a label. */
const valueFromForm = /^(arn:[^:]+:ssm:[^:]+:\d{12}:parameter\/[\w.\-/]+|\/[\w.\-/]+)(?::([\w.-]+))?$/

/** The parameter that a text refers to; undefined if it is no reference to a parameter. */
export function parseParameterReference(text: string): SecretReference | undefined {
  const [, name, version] = dynamicForm.exec(text) ?? []
  if (name !== undefined) {
    // With a slash it is a parameter also where other names are of secrets.
    const secretId = name.startsWith('/') ? name : `/${name}`
    return { secretId, ...(version !== undefined && { versionId: version }) }
  }
  if (!isParameterId(text)) return undefined
  const [, secretId, selector] = valueFromForm.exec(text) ?? []
  if (secretId === undefined) return undefined
  if (selector === undefined) return { secretId }
  return /^\d+$/.test(selector) ? { secretId, versionId: selector } : { secretId, versionStage: selector }
}
