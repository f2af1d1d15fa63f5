import { expect, it } from 'vitest'
import { createRotationHandler, mysql, postgres } from '../../src/rotation/index.js'
import { notedEngine } from './support.js'

const engine = notedEngine()
const timeout = 'connectTimeoutMs must be a number of milliseconds above 0 and below 2 ** 31'
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

it.each([
  ['nothing', undefined, 'createRotationHandler takes a plain object of options'],
  ['no engine', {}, 'needs an engine, such as postgres({ pg })'],
  ['half an engine', { engine: { createSecret() {}, setSecret() {} } }, 'it has no function testSecret'],
  ['an unknown strategy', { engine, strategy: 'three-users' }, "strategy must be one of 'single-user', 'alternating-users'"],
  ['an unknown option', { engine, retries: 3 }, 'Unknown option "retries" of createRotationHandler.'],
  ['a short password', { engine, password: { length: 8 } }, 'password.length must be a whole number from 16 to 128'],
  ['a long password', { engine, password: { length: 129 } }, 'password.length must be a whole number from 16 to 128'],
  ['half a character', { engine, password: { length: 16.5 } }, 'password.length must be a whole number from 16 to 128'],
  [
    'a source of passwords that does not exist',
    { engine, password: { source: 'kms' } },
    "password.source must be one of 'local'",
  ],
  [
    'an unknown password option',
    { engine, password: { exclude: '@' } },
    'Unknown option "password.exclude" of createRotationHandler. Known options: length, source.',
  ],
  ['a client without send', { engine, client: {} }, 'client must be a client of the AWS SDK v3'],
  ['client and Region', { engine, client: { send() {} }, region: 'eu-west-1' }, 'client or region, not both'],
  ['a log that is no function', { engine, log: console }, 'log must be a function'],
])('a handler with %s is a TypeError', (_, options, message) => {
  expect(() => createRotationHandler(options as never)).toThrow(TypeError)
  expect(() => createRotationHandler(options as never)).toThrow(message)
})

it.each([
  ['no driver', () => postgres({} as never), "import pg from 'pg'"],
  ['no driver', () => mysql({} as never), "import mysql from 'mysql2/promise'"],
  ['the path of a certificate', () => postgres({ pg: driver, ca: '/etc/ca.pem' }), 'PEM text, not the path'],
  ['a certificate that is no text', () => postgres({ pg: driver, ca: 7 as never }), 'PEM text'],
  ['a path among certificates', () => postgres({ pg: driver, ca: [certificate, '/etc/ca.pem'] }), 'PEM text'],
  ['no certificate', () => postgres({ pg: driver, ca: [] }), 'PEM text'],
  ['a timeout of 0', () => postgres({ pg: driver, connectTimeoutMs: 0 }), timeout],
  ['a timeout that no timer can keep', () => postgres({ pg: driver, connectTimeoutMs: 2 ** 31 }), timeout],
  ['an unknown option', () => postgres({ pg: driver, sslmode: 'disable' } as never), 'Unknown option "sslmode" of postgres().'],
  [
    'a locateMaster that is text',
    () => postgres({ pg: driver, locateMaster: 'arn' as never }),
    'locateMaster must be a function',
  ],
])('an engine with %s is a TypeError', (_, make, message) => {
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
})

it('certificates may be one text or several', () => {
  expect(() => postgres({ pg: driver, ca: certificate })).not.toThrow()
  expect(() => postgres({ pg: driver, ca: [certificate, certificate] })).not.toThrow()
})

it.each([1, 2 ** 31 - 1])('a login may take %i milliseconds', connectTimeoutMs => {
  expect(() => postgres({ pg: driver, connectTimeoutMs })).not.toThrow()
})

it.each([16, 128])('a password may have %i characters', length => {
  expect(() => createRotationHandler({ engine, password: { length } })).not.toThrow()
})

it('a Region may be passed without a client', () => {
  expect(() => createRotationHandler({ engine, region: 'eu-west-1' })).not.toThrow()
})

const driver = { Client: class {} } as never
