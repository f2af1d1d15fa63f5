export type { AdministeredCache, AdminOptions } from './administered-cache.js'
export { type RotateNowOptions, rotateNow } from './rotate-now.js'
export {
  type CreateSecretOptions,
  createSecret,
  type PutSecretValueOptions,
  putSecretValue,
  type SecretContent,
} from './write-secret.js'
