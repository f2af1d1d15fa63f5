import { ServiceError } from '../../service-error.js'
import { parameterNotFound } from '../errors.js'
import { checkName, keyOf } from '../names.js'
import type { ParameterContext, ParameterOperationRule } from './operation.js'
import { nameOf, namesOf } from './read.js'

/** DeleteParameter: takes a name, not an ARN. */
export const deleteParameter: ParameterOperationRule = {
  members: ['Name'],
  run(input, context) {
    remove(nameOf(input), context)
    return {}
  },
}

/** DeleteParameters: what cannot be deleted is a member of `InvalidParameters`. */
export const deleteParameters: ParameterOperationRule = {
  members: ['Names'],
  run(input, context) {
    const deleted: string[] = []
    const invalid: string[] = []
    for (const name of namesOf(input)) {
      try {
        remove(name, context)
        deleted.push(name)
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error
        invalid.push(name)
      }
    }
    return { DeletedParameters: deleted, InvalidParameters: invalid }
  },
}

function remove(name: string, { store }: ParameterContext): void {
  const parameter = store.find(keyOf(checkName(name)))
  if (parameter === undefined) throw parameterNotFound()
  store.remove(parameter)
}
