/** A topic whose messages are trusted, and what its Region determines about their signatures. */
export interface Topic {
  readonly arn: string
  readonly region: string
  /** The only host that certificates are fetched from. */
  readonly host: string
  /** The host name that a signing certificate of this Region is issued to. */
  readonly certificateName: string
}

const arnForm = /^arn:(aws[a-z-]*):sns:([a-z]{2,4}(?:-[a-z]+)+-\d{1,2}):\d{12}:[\w-]{1,256}(?:\.fifo)?$/

const domains: ReadonlyMap<string, string> = new Map([
  ['aws', 'amazonaws.com'],
  ['aws-us-gov', 'amazonaws.com'],
  ['aws-cn', 'amazonaws.com.cn'],
  ['aws-eusc', 'amazonaws.eu'],
  ['aws-iso', 'c2s.ic.gov'],
  ['aws-iso-b', 'sc2s.sgov.gov'],
  ['aws-iso-e', 'cloud.adc-e.uk'],
  ['aws-iso-f', 'csp.hci.ic.gov'],
])

/** The Regions that every account has from the start. All later ones require an opt-in, and sign with a name of their own. */
const firstRegions = new Set([
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
])

/** The allowed topics by ARN. Throws a TypeError for anything that is not the ARN of a topic. */
export function readTopics(topicArns: unknown): ReadonlyMap<string, Topic> {
  if (!Array.isArray(topicArns) || topicArns.length === 0)
    throw new TypeError('topicArns must be a list of at least one ARN of a topic.')
  return new Map(topicArns.map(arn => [arn, readTopic(arn, 'topicArns')]))
}

/** One topic; the error for an invalid ARN names `option`. */
export function readTopic(arn: unknown, option: string): Topic {
  const [, partition = '', region = ''] = arnForm.exec(String(arn)) ?? []
  const domain = domains.get(partition)
  if (typeof arn !== 'string' || domain === undefined)
    throw new TypeError(`${option}: ${String(arn)} is not the ARN of an SNS topic.`)
  return { arn, region, host: `sns.${region}.${domain}`, certificateName: certificateNameOf(partition, region, domain) }
}

function certificateNameOf(partition: string, region: string, domain: string): string {
  if (firstRegions.has(region)) return 'sns.amazonaws.com'
  if (partition === 'aws-us-gov') return 'sns-us-gov-west-1.amazonaws.com'
  if (['aws-cn', 'aws-iso', 'aws-iso-b'].includes(partition)) return `sns-${region}.${domain}`
  return `sns-signing.${region}.${domain}`
}
