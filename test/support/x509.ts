import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

// Node reads certificates and cannot make them. This makes what a test needs: one name, dates, a key, a signature.

/** What a test certificate says. */
export interface CertificateContent {
  publicKey: KeyObject
  /** The DNS name or the IPv4 address it is made out to. */
  name?: string
  validFrom?: Date
  validTo?: Date
  /** The key of a certificate that vouches for itself. @default it is signed by the authority of the tests */
  privateKey?: KeyObject
}

const authority = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** A certificate of the tests' own authority, as PEM text. */
export function makeCertificate(content: CertificateContent): string {
  const { publicKey, privateKey, name = 'sns.amazonaws.com' } = content
  const { validFrom = new Date('2029-06-01'), validTo = new Date('2030-06-01') } = content
  const sha256WithRsa = sequence(objectId('2a864886f70d01010b'), element(0x05))
  const alternativeNames = sequence(objectId('551d11'), octets(sequence(alternativeName(name))))
  const toBeSigned = sequence(
    element(0xa0, integer(2)),
    integer(7),
    sha256WithRsa,
    commonName(privateKey === undefined ? 'Authority of the tests' : name),
    sequence(time(validFrom), time(validTo)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(alternativeNames)),
  )
  const signature = sign('RSA-SHA256', toBeSigned, privateKey ?? authority.privateKey)
  const der = sequence(toBeSigned, sha256WithRsa, element(0x03, Buffer.from([0]), signature))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function element(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function alternativeName(name: string): Buffer {
  return isIPv4(name) ? element(0x87, Buffer.from(name.split('.').map(Number))) : element(0x82, Buffer.from(name))
}

const sequence = (...contents: Buffer[]): Buffer => element(0x30, ...contents)
const integer = (value: number): Buffer => element(0x02, Buffer.from([value]))
const octets = (content: Buffer): Buffer => element(0x04, content)
const objectId = (hex: string): Buffer => element(0x06, Buffer.from(hex, 'hex'))
const commonName = (name: string): Buffer =>
  sequence(element(0x31, sequence(objectId('550403'), element(0x0c, Buffer.from(name)))))
const time = (date: Date): Buffer => element(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d{3}/g, '')))
