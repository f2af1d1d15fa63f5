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
