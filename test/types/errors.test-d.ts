import { expectTypeOf, test } from 'vitest'
import { isSecretCacheError, SecretCacheError, type SecretCacheErrorCode } from '../../src/core/failures/errors.js'

test('isSecretCacheError gives an unknown error its code', () => {
  const error: unknown = new Error('Anything.')
  if (isSecretCacheError(error)) expectTypeOf(error.code).toEqualTypeOf<SecretCacheErrorCode>()
})

test('a code that does not exist is refused', () => {
  // @ts-expect-error: not one of the codes
  new SecretCacheError({ code: 'ERR_SECRET_LOST', message: 'Lost.' })
})
