import { createHash, createHmac } from 'node:crypto'

/** What a token says, and what it must be signed with. */
export interface Presigned {
  readonly host: string
  readonly region: string
  readonly service: string
  /** When it is signed, in milliseconds since the epoch. */
  readonly at: number
  /** What the request asks for, beside the signature. */
  readonly query: Readonly<Record<string, string>>
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
}

/** Signs a request for fifteen minutes as the documentation of Signature Version 4 describes it, without the SDK. Sorted by name. */
export function presigned({ host, region, service, at, query, credentials }: Presigned): [name: string, value: string][] {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const date = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [date.slice(0, 8), region, service, 'aws4_request']
  const signed: Record<string, string> = {
    ...query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': [accessKeyId, ...scope].join('/'),
    'X-Amz-Date': date,
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    ...(sessionToken !== undefined && { 'X-Amz-Security-Token': sessionToken }),
  }
  const pairs = Object.entries(signed)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
  const canonical = ['GET', '/', pairs.join('&'), `host:${host}`, '', 'host', sha256('')].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secretAccessKey}`)
  return sorted([...Object.entries(signed), ['X-Amz-Signature', hmac(key, toSign).toString('hex')]])
}

export function sorted(pairs: Iterable<[string, string]>): [name: string, value: string][] {
  return [...pairs].sort(([one], [other]) => (one < other ? -1 : 1))
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
