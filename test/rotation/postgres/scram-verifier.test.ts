import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { scramVerifier } from '../../../src/rotation/postgres/scram-verifier.js'

it('serves the example of RFC 7677: the proof of its client and the signature of its server follow from it', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
  const verifier = await scramVerifier('pencil', salt)
  const [, keys = ''] = verifier.match(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$(.+)$/) ?? []
  const [storedKey = Buffer.of(), serverKey = Buffer.of()] = keys.split(':').map(key => Buffer.from(key, 'base64'))
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const message = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`
  const sign = (key: Buffer): Buffer => createHmac('sha256', key).update(message).digest()
  expect(sign(serverKey).toString('base64')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64')
  const clientKey = sign(storedKey).map((byte, index) => byte ^ (proof[index] ?? 0))
  expect(createHash('sha256').update(clientKey).digest()).toEqual(storedKey)
})

it('draws a salt for each verifier', async () => {
  expect(await scramVerifier('pencil')).not.toBe(await scramVerifier('pencil'))
})

it.each(['', 'pä', 'tab\t', 'nbsp\u00a0', 'nul\0'])('refuses %j: SASLprep would change it', async password => {
  await expect(scramVerifier(password)).rejects.toThrow(expect.objectContaining({ name: 'RotationRefusal' }))
})
