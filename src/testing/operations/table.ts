import type { Input } from '../input.js'
import { unexpected } from '../unexpected.js'
import { deleteSecret, restoreSecret } from './delete.js'
import { describeSecret, listSecrets, listSecretVersionIds } from './describe.js'
import type { Operation } from './operation.js'
import { getRandomPassword } from './random-password.js'
import { batchGetSecretValue, getSecretValue } from './read.js'
import { rotateSecret } from './rotate.js'
import { updateSecretVersionStage } from './version-stage.js'
import { createSecret, putSecretValue, updateSecret } from './write.js'

/** An operation that the fake implements, under the service's name. */
export type FakeOperation =
  | 'BatchGetSecretValue'
  | 'CreateSecret'
  | 'DeleteSecret'
  | 'DescribeSecret'
  | 'GetRandomPassword'
  | 'GetSecretValue'
  | 'ListSecrets'
  | 'ListSecretVersionIds'
  | 'PutSecretValue'
  | 'RestoreSecret'
  | 'RotateSecret'
  | 'UpdateSecret'
  | 'UpdateSecretVersionStage'

/** All operations of the fake. */
export const operations: Readonly<Record<FakeOperation, Operation>> = {
  BatchGetSecretValue: batchGetSecretValue,
  CreateSecret: createSecret,
  DeleteSecret: deleteSecret,
  DescribeSecret: describeSecret,
  GetRandomPassword: getRandomPassword,
  GetSecretValue: getSecretValue,
  ListSecrets: listSecrets,
  ListSecretVersionIds: listSecretVersionIds,
  PutSecretValue: putSecretValue,
  RestoreSecret: restoreSecret,
  RotateSecret: rotateSecret,
  UpdateSecret: updateSecret,
  UpdateSecretVersionStage: updateSecretVersionStage,
}

/** Throws unless the fake implements the operation and every member of its input. */
export function checkCall(name: string, input: Input): asserts name is FakeOperation {
  if (!isFakeOperation(name)) throw unexpected(`FakeSecretsManager has no operation ${name}.`, Object.keys(operations))
  const { members } = operations[name]
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || members.includes(member)) continue
    throw unexpected(`FakeSecretsManager knows no ${member} in the input of ${name}.`, members)
  }
}

function isFakeOperation(name: string): name is FakeOperation {
  return Object.hasOwn(operations, name)
}
