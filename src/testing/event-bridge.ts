import { randomUUID } from 'node:crypto'

/** Where and when something happened. */
export interface Happening {
  arn: string
  region: string
  accountId: string
  atMs: number
}

/** The members that every event of EventBridge has. */
interface Envelope<Source extends string, Type extends string> {
  version: '0'
  id: string
  'detail-type': Type
  source: Source
  account: string
  time: string
  region: string
  resources: [string]
}

/** The envelope in which EventBridge delivers what a service reports. */
export function envelope<Source extends string, Type extends string>(
  source: Source,
  type: Type,
  { arn, region, accountId, atMs }: Happening,
): Envelope<Source, Type> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': type,
    source,
    account: accountId,
    time: new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [arn],
  }
}
