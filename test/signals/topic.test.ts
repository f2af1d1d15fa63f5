import { describe, expect, it } from 'vitest'
import { readTopic, readTopics } from '../../src/signals/topic.js'

const signedByAll = 'sns.amazonaws.com'

/** Region, partition, the host of its certificates, and the name that they are made out to. */
const regions: [string, string, string, string][] = [
  ...[
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
  ].map((region): [string, string, string, string] => [region, 'aws', `sns.${region}.amazonaws.com`, signedByAll]),
  ['eu-south-2', 'aws', 'sns.eu-south-2.amazonaws.com', 'sns-signing.eu-south-2.amazonaws.com'],
  ['us-gov-east-1', 'aws-us-gov', 'sns.us-gov-east-1.amazonaws.com', 'sns-us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'aws-cn', 'sns.cn-north-1.amazonaws.com.cn', 'sns-cn-north-1.amazonaws.com.cn'],
  ['us-iso-east-1', 'aws-iso', 'sns.us-iso-east-1.c2s.ic.gov', 'sns-us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'aws-iso-b', 'sns.us-isob-east-1.sc2s.sgov.gov', 'sns-us-isob-east-1.sc2s.sgov.gov'],
  ['eu-isoe-west-1', 'aws-iso-e', 'sns.eu-isoe-west-1.cloud.adc-e.uk', 'sns-signing.eu-isoe-west-1.cloud.adc-e.uk'],
  ['us-isof-south-1', 'aws-iso-f', 'sns.us-isof-south-1.csp.hci.ic.gov', 'sns-signing.us-isof-south-1.csp.hci.ic.gov'],
  ['eusc-de-east-1', 'aws-eusc', 'sns.eusc-de-east-1.amazonaws.eu', 'sns-signing.eusc-de-east-1.amazonaws.eu'],
]

it.each(regions)(
  'the messages of a topic in %s (%s) are signed by a certificate from %s for %s',
  (region, partition, host, name) => {
    const arn = `arn:${partition}:sns:${region}:123456789012:rotations`
    expect(readTopic(arn, 'topicArn')).toEqual({ arn, region, host, certificateName: name })
  },
)

it.each([
  'arn:aws:sns:eu-west-1:123456789012:rotations.fifo',
  'arn:aws:sns:eu-west-12:123456789012:r',
  `arn:aws:sns:eu-west-1:123456789012:${'r'.repeat(256)}`,
])('is the ARN of a topic: %s', arn => {
  expect(readTopic(arn, 'topicArn').arn).toBe(arn)
})

describe('what is no ARN of a topic is a TypeError that names the option and the ARN', () => {
  it.each([
    ' arn:aws:sns:eu-west-1:123456789012:rotations',
    'arn:aws:sns:eu-west-1:123456789012:rotations/',
    'arn:aws:sns:eu-west-1:123456789012:rotations.fifo.fifo',
    'arn:aws:sns:eu-west-1:123456789012:rotations:a-subscription',
    'arn:aws:sns:eu-west-1:123456789012:',
    `arn:aws:sns:eu-west-1:123456789012:${'r'.repeat(257)}`,
    'arn:aws:sns:eu-west-1:12345678901:rotations',
    'arn:aws:sns:eu-west-1:12345678901x:rotations',
    'arn:aws:sns:eu-west:123456789012:rotations',
    'arn:aws:sns:eu-west-123:123456789012:rotations',
    'arn:aws:sns:eu-west-x:123456789012:rotations',
    'arn:aws:sns:eu-1:123456789012:rotations',
    'arn:aws:sns:e-west-1:123456789012:rotations',
    'arn:aws:sns:europ-west-1:123456789012:rotations',
    'arn:aws:sns:EU-WEST-1:123456789012:rotations',
    'arn:aws:sns:evil.example/eu-west-1:123456789012:rotations',
    'arn:aws:sqs:eu-west-1:123456789012:rotations',
    'arn:aws-mine:sns:eu-west-1:123456789012:rotations',
    'arn:AWS:sns:eu-west-1:123456789012:rotations',
    'arn:aws1:sns:eu-west-1:123456789012:rotations',
    '',
    undefined,
    ['arn:aws:sns:eu-west-1:123456789012:rotations'],
  ])('%s', arn => {
    expect(() => readTopic(arn, 'topicArn')).toThrow(new TypeError(`topicArn: ${String(arn)} is not the ARN of an SNS topic.`))
  })
})

describe('a list of topics', () => {
  it('is read by ARN', () => {
    const arns = ['arn:aws:sns:eu-west-1:123456789012:one', 'arn:aws:sns:us-east-1:123456789012:two']
    expect([...readTopics(arns)].map(([arn, { region }]) => [arn, region])).toEqual([
      [arns[0], 'eu-west-1'],
      [arns[1], 'us-east-1'],
    ])
  })

  it.each([undefined, 'arn:aws:sns:eu-west-1:123456789012:one', []])('has at least one (%j)', topicArns => {
    expect(() => readTopics(topicArns)).toThrow(new TypeError('topicArns must be a list of at least one ARN of a topic.'))
  })

  it('names the option where one of them is none', () => {
    expect(() => readTopics(['arn:aws:sns:eu-west-1:123456789012:one', 'two'])).toThrow(/^topicArns: two is not/)
  })
})
