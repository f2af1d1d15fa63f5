import { createSecretKey, type KeyObject } from 'node:crypto'
import cookieParser from 'cookie-parser'
import type { SessionOptions } from 'iron-session'
import type { JWTVerifyGetKey } from 'jose'
import type { GetPublicKeyOrSecret } from 'jsonwebtoken'
import { expectTypeOf, test } from 'vitest'
import type { SecretCache } from '../../src/index.js'
import { createKeyring, type Keyring } from '../../src/keyring/index.js'

declare const cache: SecretCache

test('the key is the text, or what the option key returns', async () => {
  expectTypeOf(await createKeyring({ cache, secretId: 'x' })).toEqualTypeOf<Keyring<string>>()
  expectTypeOf(await createKeyring({ cache, secretId: 'x', key: undefined })).toEqualTypeOf<Keyring>()
  const ring = await createKeyring({ cache, secretId: 'x', key: secret => createSecretKey(secret.bytes()) })
  expectTypeOf(ring).toEqualTypeOf<Keyring<KeyObject>>()
  expectTypeOf(ring.current.key).toEqualTypeOf<KeyObject>()
  expectTypeOf(ring.find('kid')).toEqualTypeOf<Promise<KeyObject | undefined>>()
})

test('libraries take its forms as they are', async () => {
  const ring = await createKeyring({ cache, secretId: 'x' })
  expectTypeOf(cookieParser).toBeCallableWith(ring.keys)
  expectTypeOf(ring.passwords).toExtend<SessionOptions['password']>()
  expectTypeOf(ring.jwtKeyCallback).toExtend<GetPublicKeyOrSecret>()
  const ofBytes = await createKeyring({ cache, secretId: 'x', key: secret => secret.bytes() })
  expectTypeOf(ofBytes.jwtKey).toExtend<JWTVerifyGetKey>()
  // @ts-expect-error: there is no other event
  ring.on('rotated', () => {})
})
