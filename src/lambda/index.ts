export { createLambdaCache, type LambdaCacheOptions } from './create-lambda-cache.js'
export {
  createRotationEventHandler,
  type RotationEventHandler,
  type RotationEventResponse,
} from './create-rotation-event-handler.js'
export { type MiddlewareRequest, type SecretsMiddleware, secretsMiddleware } from './secrets-middleware.js'
export { type LambdaHandler, withSecrets } from './with-secrets.js'
