import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { parameterStore } from '../../src/lite/parameter-store.js'
import { secretsManager } from '../../src/lite/secrets-manager.js'
import { findTarget } from '../../src/lite/target.js'

const services = {
  'Secrets Manager': { service: secretsManager, client: new SecretsManagerClient({ region: 'eu-west-1' }) },
  'Parameter Store': { service: parameterStore, client: new SSMClient({ region: 'eu-west-1' }) },
}

const regions = [
  'us-east-1',
  'eu-west-1',
  'ap-southeast-5',
  'mx-central-1',
  'xx-new-1',
  'cn-north-1',
  'cn-northwest-1',
  'us-gov-west-1',
  'eusc-de-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'us-isof-south-1',
  'us-isof-east-1',
  'eu-isoe-west-1',
]

describe.each(Object.entries(services).flatMap(([name, parts]) => regions.map(region => ({ name, region, ...parts }))))(
  '$name in $region',
  ({ region, service, client }) => {
    it.each([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ])("the endpoint with FIPS %j and dual stack %j is the SDK's", (useFipsEndpoint = false, useDualstackEndpoint = false) => {
      const { url } = findTarget({ region, useFipsEndpoint, useDualstackEndpoint }, {}, service)
      const expected = client.config.endpointProvider({
        Region: region,
        UseFIPS: useFipsEndpoint,
        UseDualStack: useDualstackEndpoint,
      })
      expect(url.href).toBe(expected.url.href)
    })
  },
)

describe('what the options leave open is found in the environment', () => {
  const plain = 'https://secretsmanager.eu-west-1.amazonaws.com/'

  it.each<[string, object, Record<string, string>, string]>([
    ['AWS_REGION', {}, { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, plain],
    ['AWS_DEFAULT_REGION', {}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' }, plain],
    ['the option before AWS_REGION', { region: 'eu-west-1' }, { AWS_REGION: 'us-east-1' }, plain],
    [
      'AWS_USE_FIPS_ENDPOINT',
      {},
      { AWS_REGION: 'eu-west-1', AWS_USE_FIPS_ENDPOINT: 'true' },
      'https://secretsmanager-fips.eu-west-1.amazonaws.com/',
    ],
    [
      'the option before AWS_USE_FIPS_ENDPOINT',
      { useFipsEndpoint: false },
      { AWS_REGION: 'eu-west-1', AWS_USE_FIPS_ENDPOINT: 'true' },
      plain,
    ],
    [
      'AWS_USE_DUALSTACK_ENDPOINT',
      {},
      { AWS_REGION: 'us-isob-east-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      'https://secretsmanager.us-isob-east-1.api.aws.scloud/',
    ],
    [
      'AWS_ENDPOINT_URL_SECRETS_MANAGER',
      {},
      { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://a/', AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://b:1/' },
      'http://b:1/',
    ],
    ['AWS_ENDPOINT_URL', {}, { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://a/' }, 'http://a/'],
    [
      'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
      {},
      {
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL: 'http://a/',
        AWS_ENDPOINT_URL_SECRETS_MANAGER: 'none',
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      },
      plain,
    ],
    [
      'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, which may say no',
      {},
      { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://a/', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' },
      'http://a/',
    ],
    [
      'the option, whatever the environment ignores',
      { endpoint: 'https://vpce-1/' },
      { AWS_REGION: 'eu-west-1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      'https://vpce-1/',
    ],
    [
      'the option before AWS_ENDPOINT_URL',
      { endpoint: 'https://vpce-1/' },
      { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://a/' },
      'https://vpce-1/',
    ],
  ])('by %s', (_, options, env, url) => {
    expect(findTarget(options, env, secretsManager).url.href).toBe(url)
  })
})

describe('what is said when the service cannot be found', () => {
  it.each<[Record<string, string>, RegExp]>([
    [{}, /^Region is missing/],
    [{ AWS_REGION: 'evil.example.com/' }, /^Region not accepted: evil/],
    [{ AWS_REGION: 'x', AWS_ENDPOINT_URL: 'ftp://a' }, /AWS_ENDPOINT_URL cannot be used/],
    [{ AWS_REGION: 'x', AWS_ENDPOINT_URL: 'http://user:pass@a' }, /AWS_ENDPOINT_URL cannot be used/],
    [{ AWS_REGION: 'x', AWS_ENDPOINT_URL: 'http://a', AWS_USE_FIPS_ENDPOINT: 'true' }, /AWS_ENDPOINT_URL cannot be used/],
  ])('with %j', (env, message) => {
    expect(() => findTarget({}, env, secretsManager)).toThrow(message)
  })
})

it('Parameter Store has a variable of its own', () => {
  const env = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_SSM: 'http://a', AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://b' }
  expect(findTarget({}, env, parameterStore).url.href).toBe('http://a/')
  expect(findTarget({}, env, secretsManager).url.href).toBe('http://b/')
})
