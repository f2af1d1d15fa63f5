import type { Keyring } from './keyring.js'
import { checkKeyringOptions, type KeyringKeyOptions, type KeyringOptions, type KeyringTextOptions } from './keyring-options.js'
import { readVersions } from './read-versions.js'
import { Ring } from './ring.js'

export type { ErrorEvent } from '../core/events/events.js'
export type { ListenerOptions, Listening } from '../core/events/listening.js'
export type { FollowedCache } from '../pools/follow-options.js'
export type { CookieSigner, UnsignedCookie } from './cookie-signer.js'
export type { IdentifiedKey, Keyring, TokenHeader } from './keyring.js'
export type { KeyringKeyOptions, KeyringOptions, KeyringTextOptions }

/**
 * Creates a keyring: it signs with the AWSCURRENT version of a secret, and verifies with that and AWSPREVIOUS, in the forms that libraries
 * for cookies, sessions and tokens take.
 *
 * Resolves once both versions were read; a secret that has no AWSPREVIOUS yet has one key. Rejects with the error of the cache if they
 * cannot be read, with `ERR_SECRET_FORMAT` if the current key has fewer than 32 bytes, and with a `TypeError` for an invalid option.
 *
 * @example
 * import express from 'express'
 * import session from 'express-session'
 * const ring = await createKeyring({ cache: secrets, secretId: 'prod/session' })
 * express().use(session({ secret: ring.keys, resave: false, saveUninitialized: false }))
 *
 * @example
 * import { jwtVerify, SignJWT } from 'jose'
 * const ring = await createKeyring({ cache: secrets, secretId: 'prod/jwt', key: secret => Buffer.from(secret.text()) })
 * const { kid, key } = ring.current
 * const token = await new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'HS256', kid }).sign(key)
 * const { payload } = await jwtVerify(token, ring.jwtKey, { algorithms: ['HS256'] })
 */
export async function createKeyring(options: KeyringTextOptions): Promise<Keyring<string>>
export async function createKeyring<Key>(options: KeyringKeyOptions<Key>): Promise<Keyring<Key>>
export async function createKeyring<Key>(options: KeyringOptions<Key>): Promise<Keyring<Key | string>>
export async function createKeyring(options: KeyringOptions<unknown>): Promise<Keyring<unknown>> {
  const checked = checkKeyringOptions(options)
  return new Ring(checked, await readVersions(checked))
}
