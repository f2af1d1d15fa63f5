import { expectTypeOf, test } from 'vitest'
import { createSecret, putSecretValue, rotateNow, type SecretContent } from '../../src/admin/index.js'
import type { Secret, SecretCache } from '../../src/index.js'

declare const cache: SecretCache

interface Login {
  readonly username: string
  readonly password?: string | undefined
}
declare const login: Login

test('a value is text, bytes, or an object or array that is written as JSON', () => {
  for (const value of ['text', new Uint8Array(1), Buffer.from('bytes'), { username: 'app' }, ['a', 'b'], login] as const) {
    expectTypeOf(putSecretValue(cache, 'id', value)).resolves.toEqualTypeOf<Secret>()
    expectTypeOf(createSecret(cache, 'id', value)).resolves.toEqualTypeOf<Secret>()
  }
  expectTypeOf(login).toExtend<SecretContent>()
})

test('what JSON cannot carry at its top is refused', () => {
  // @ts-expect-error: nothing would be written
  void putSecretValue(cache, 'id', undefined)
  // @ts-expect-error: no object
  void putSecretValue(cache, 'id', null)
  // @ts-expect-error: a number is a mistake more often than it is a secret
  void putSecretValue(cache, 'id', 5)
  // @ts-expect-error: JSON has none
  void createSecret(cache, 'id', 5n)
})

test('every call takes a signal and a token, which may be undefined', () => {
  const options = { signal: new AbortController().signal, clientRequestToken: undefined, client: undefined }
  expectTypeOf(rotateNow(cache, 'id', { ...options, waitMs: undefined })).resolves.toEqualTypeOf<Secret>()
  void putSecretValue(cache, 'id', login, { ...options, versionStages: undefined })
  void createSecret(cache, 'id', login, { ...options, tags: undefined })
  // @ts-expect-error: no text
  void rotateNow(cache, 'id', { clientRequestToken: 5 })
})
