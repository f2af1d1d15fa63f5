import type { ParsedEvent } from '../events/parsed-event.js'
import type { SecretReference } from '../secrets/secret-reference.js'
import type { SecretSource } from '../secrets/source.js'

/** What a cache has to know of parameters in order to read them like secrets. */
export interface ParameterRules {
  /** The parameter that a text refers to; undefined if the text is no reference to a parameter. */
  parseReference(text: string): SecretReference | undefined
  /** The meaning of an event of EventBridge; undefined if it is not about a parameter. */
  parseEvent(event: Readonly<Record<string, unknown>>, versionStage: string): ParsedEvent | undefined
}

/** A source that reads parameters of Parameter Store too. */
export interface ParameterSource extends SecretSource {
  readonly parameters: ParameterRules
}
