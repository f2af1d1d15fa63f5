import { isRecord } from '../input.js'
import { ServiceError } from '../service-error.js'

/** Converts an output to AWS JSON 1.1: dates to seconds since the epoch, blobs to base64. */
export function toWire(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(toWire)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, toWire(inner)]))
}

/** Reads an input in AWS JSON 1.1. SecretBinary is the only blob that the service accepts. */
export function inputFromWire(body: string): Record<string, unknown> {
  const input = parse(body)
  const { SecretBinary: blob, ...others } = input
  if (blob === undefined || blob === null) return others
  if (typeof blob !== 'string') throw new ServiceError('SerializationException', 'SecretBinary must be a blob')
  return { ...others, SecretBinary: Uint8Array.from(Buffer.from(blob, 'base64')) }
}

function parse(body: string): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(body)
    if (isRecord(input)) return { ...input }
  } catch {
    // The parser's message would quote the text, which may contain a secret.
  }
  throw new ServiceError('SerializationException', 'The body is not a JSON object.')
}
