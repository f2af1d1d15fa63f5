import { describe, expect, it } from 'vitest'
import { FakeParameterStore, FakeSecretsManager } from '../../../src/testing/index.js'

type Operation = Parameters<FakeParameterStore['perform']>[0]

const existing = new FakeParameterStore({
  parameters: { '/app/a': { value: 'one', type: 'String', tier: 'Advanced' }, '/app/secure': 'two' },
})
const create = { Type: 'String', Value: 'one' }

/** The name and message of the error with which an operation fails. */
function refusal(fake: FakeParameterStore, operation: Operation, input: object): [string, string] {
  try {
    fake.perform(operation, { ...input })
  } catch (error) {
    if (error instanceof Error) return [error.name, error.message]
  }
  throw new Error('The operation should have failed.')
}

describe('what Parameter Store refuses', () => {
  it.each<[Operation, object, string, RegExp]>([
    [
      'GetParameter',
      { Name: 'a:1:2' },
      'ValidationException',
      /^Invalid parameter name. Please use correct syntax for referencing/,
    ],
    ['GetParameter', { Name: 'a:' }, 'ValidationException', /^Invalid parameter name. Please use correct syntax for referencing/],
    [
      'GetParameter',
      { Name: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a' },
      'ValidationException',
      /^Invalid parameter/,
    ],
    ['GetParameter', { Name: '/ssm/a' }, 'ValidationException', /can't be prefixed with "ssm" \(case-insensitive\)/],
    ['GetParameter', { Name: 'with space' }, 'ValidationException', /sub-paths divided by slash symbol/],
    ['GetParameter', {}, 'ValidationException', /Value at 'name' failed to satisfy constraint: Member must not be null/],
    ['GetParameter', { Name: 'arn:aws:ssm:eu-west-1:999999999999:parameter/app/a' }, 'ParameterNotFound', /^$/],
    ['GetParameter', { Name: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/a' }, 'ParameterNotFound', /^$/],
    ['GetParameters', {}, 'ValidationException', /Member must not be null/],
    ['GetParameters', { Names: [] }, 'ValidationException', /Member must have length greater than or equal to 1/],
    [
      'GetParametersByPath',
      { Path: 'app' },
      'ValidationException',
      /^The parameter doesn't meet the parameter name requirements/,
    ],
    ['GetParametersByPath', { Path: '/app', MaxResults: 11 }, 'ValidationException', /less than or equal to 10/],
    ['GetParametersByPath', { Path: '/app', NextToken: 'x' }, 'InvalidNextToken', /NextToken/],
    [
      'GetParametersByPath',
      { Path: '/app', ParameterFilters: [{ Key: 'Name', Values: ['a'] }] },
      'InvalidFilterKey',
      /^The following filter key is not valid: Name. Valid filter keys include: \[Type, KeyId, Label\].$/,
    ],
    ['GetParameterHistory', { Name: '/app/none' }, 'ParameterNotFound', /^$/],
    [
      'PutParameter',
      { Name: 'app/b', ...create },
      'ValidationException',
      /^Parameter name must be a fully qualified name$|name\.$/,
    ],
    ['PutParameter', { Name: `/${'a/'.repeat(15)}a`, ...create }, 'HierarchyLevelLimitExceededException', /maximum of 15 levels/],
    ['PutParameter', { Name: '/app/b', ...create, Value: '' }, 'ValidationException', /length greater than or equal to 1/],
    [
      'PutParameter',
      { Name: '/app/b', ...create, Value: 'x {{ssm:a}}' },
      'ValidationException',
      /Do not use "\{\{\}\}" in the value/,
    ],
    [
      'PutParameter',
      { Name: '/app/b', ...create, Type: 'Text' },
      'ValidationException',
      /enum value set: \[SecureString, StringList, String\]/,
    ],
    [
      'PutParameter',
      { Name: '/app/b', ...create, Tier: 'Big' },
      'ValidationException',
      /enum value set: \[Standard, Advanced, Int/,
    ],
    [
      'PutParameter',
      { Name: '/app/b', ...create, AllowedPattern: '^\\d+$' },
      'ParameterPatternMismatchException',
      /allowedPattern/,
    ],
    ['PutParameter', { Name: '/app/b', ...create, AllowedPattern: '(' }, 'InvalidAllowedPatternException', /regular expression/],
    [
      'PutParameter',
      { Name: '/app/b', ...create, Tier: 'Advanced', Value: 'x'.repeat(8193) },
      'ValidationException',
      /^Advanced tier/,
    ],
    ['PutParameter', { Name: '/app/a', ...create, Tier: 'Standard', Overwrite: true }, 'ValidationException', /can't downgrade/],
    ['PutParameter', { Name: '/app/secure', ...create, Overwrite: true }, 'HierarchyTypeMismatchException', /unique parameter/],
    ['DeleteParameter', { Name: 'arn:aws:ssm:eu-west-1:123456789012:parameter/app/a' }, 'ValidationException', /^Parameter name/],
    ['LabelParameterVersion', { Name: '/app/none', Labels: ['a'] }, 'ParameterNotFound', /^$/],
    ['LabelParameterVersion', { Name: '/app/a:1', Labels: ['a'] }, 'ValidationException', /^Parameter name/],
    ['UnlabelParameterVersion', { Name: '/app/a', Labels: ['a'] }, 'ValidationException', /'parameterVersion'/],
  ])('%s of %j', (operation, input, name, message) => {
    expect(refusal(existing, operation, input)).toEqual([name, expect.stringMatching(message)])
  })

  it('never quotes a value', () => {
    const value = `{{ssm:planted}} ${'x'.repeat(9_000)}`
    const inputs = [{ Value: value }, { Value: `planted${'x'.repeat(9_000)}` }, { Value: 'planted', AllowedPattern: '^\\d+$' }]
    for (const input of inputs) {
      expect(refusal(existing, 'PutParameter', { Name: '/app/b', Type: 'String', ...input })[1]).not.toContain('planted')
    }
  })
})

describe('what Parameter Store keeps', () => {
  it('chooses the tier of Intelligent-Tiering by the size, and stays with Advanced', () => {
    const fake = new FakeParameterStore()
    const put = (bytes: number, input: object = {}): unknown =>
      fake.perform('PutParameter', { Name: 'a', Value: 'x'.repeat(bytes), Type: 'String', Overwrite: true, ...input }).Tier
    expect(put(4096, { Tier: 'Intelligent-Tiering' })).toBe('Standard')
    expect(put(4097, { Tier: 'Intelligent-Tiering' })).toBe('Advanced')
    expect(put(8192)).toBe('Advanced')
  })

  it('holds later values to the pattern of the parameter, which need not be repeated', () => {
    const fake = new FakeParameterStore()
    fake.perform('PutParameter', { Name: 'a', Value: '1', Type: 'String', AllowedPattern: '^\\d+$' })
    expect(fake.put('a', '2').version).toBe(2)
    expect(() => fake.put('a', 'three')).toThrow(expect.objectContaining({ name: 'ParameterPatternMismatchException' }))
  })

  it('lists what is not formatted correctly among the invalid names of a batch', () => {
    const { Parameters, InvalidParameters } = existing.perform('GetParameters', { Names: ['/app/a', 'a/b', '/ssm/a', 'a:1:2'] })
    expect(Parameters).toMatchObject([{ Name: '/app/a' }])
    expect(InvalidParameters).toEqual(['a/b', '/ssm/a', 'a:1:2'])
  })

  it('ignores spaces around a name', () => {
    expect(existing.perform('GetParameter', { Name: ' /app/a ' })).toMatchObject({ Parameter: { Name: '/app/a', Value: 'one' } })
  })

  it('filters descriptions and hierarchies', () => {
    const names = (operation: Operation, input: object): unknown[] => {
      const { Parameters } = existing.perform(operation, { ...input })
      return (Parameters as { Name: string }[]).map(({ Name }) => Name)
    }
    const filtered = (Key: string, Option: string, ...Values: string[]): object => ({
      ParameterFilters: [{ Key, Option, Values }],
    })
    expect(names('DescribeParameters', filtered('Name', 'BeginsWith', '/app'))).toEqual(['/app/a', '/app/secure'])
    expect(names('DescribeParameters', filtered('Name', 'Contains', 'sec'))).toEqual(['/app/secure'])
    expect(names('DescribeParameters', filtered('Tier', 'Equals', 'Advanced'))).toEqual(['/app/a'])
    expect(names('GetParametersByPath', { Path: '/app', ...filtered('KeyId', 'Equals', 'alias/aws/ssm') })).toEqual([
      '/app/secure',
    ])
  })

  it('has one ciphertext for a version, which depends on nothing else', () => {
    const read = (fake: FakeParameterStore): unknown => fake.perform('GetParameter', { Name: 'a' }).Parameter
    const [one, two] = [
      new FakeParameterStore({ parameters: { a: 'one' } }),
      new FakeParameterStore({ parameters: { a: 'two' } }),
    ]
    expect(read(one)).toMatchObject({ Value: expect.stringMatching(/^AQICAHh[A-Za-z0-9+/]{256}$/) })
    expect((read(one) as { Value: string }).Value).toBe((read(two) as { Value: string }).Value)
    two.put('a', 'one')
    expect((read(one) as { Value: string }).Value).not.toBe((read(two) as { Value: string }).Value)
  })
})

describe('a parameter that refers to a secret', () => {
  const secrets = new FakeSecretsManager({ secrets: { text: 'one', bytes: Uint8Array.of(1), deleted: 'gone' } })
  secrets.perform('DeleteSecret', { SecretId: 'deleted' })
  const fake = new FakeParameterStore({ secrets })
  const prefix = '/aws/reference/secretsmanager/'
  const read = (id: string): unknown => fake.perform('GetParameter', { Name: `${prefix}${id}`, WithDecryption: true }).Parameter

  it('has no data type, and a date in words', () => {
    expect(read('text')).toEqual({
      Name: `${prefix}text`,
      Type: 'SecureString',
      Value: 'one',
      Version: 0,
      LastModifiedDate: expect.any(Date),
      ARN: expect.stringMatching(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:text-/),
      SourceResult: expect.stringMatching(
        /^\{"ARN":"arn:.*","name":"text","versionId":"[0-9a-f-]{36}","secretString":"one","versionStages":\["AWSCURRENT"\],"createdDate":"[A-Z][a-z]{2} \d+, \d{4}, \d+:\d\d:\d\d [AP]M"\}$/,
      ),
    })
  })

  it('has no value if the secret is binary', () => {
    expect(read('bytes')).not.toHaveProperty('Value')
  })

  it.each([
    ['deleted', 'ValidationException', 'Invalid Request to Secrets Manager'],
    ['text:AWSCURRENT:more', 'ValidationException', /^Invalid parameter name/],
    ['text:NOTHING', 'ParameterNotFound', /Secret aws\/reference\/secretsmanager\/text:NOTHING not found\.$/],
    [`text:${'0'.repeat(36)}`, 'ParameterNotFound', /not found\.$/],
  ])('cannot be read as %s', (id, name, message) => {
    expect(() => read(id)).toThrow(expect.objectContaining({ name }))
    expect(() => read(id)).toThrow(message)
  })

  it('is listed among the invalid names of a batch where it cannot be read', () => {
    const Names = [`${prefix}text`, `${prefix}missing`, `${prefix}deleted`]
    expect(fake.perform('GetParameters', { Names, WithDecryption: true })).toMatchObject({
      Parameters: [{ Value: 'one' }],
      InvalidParameters: [Names[1], Names[2]],
    })
    expect(fake.perform('GetParameters', { Names })).toEqual({ Parameters: [], InvalidParameters: Names })
  })

  it('cannot be written', () => {
    expect(() => fake.put(`${prefix}text`, 'two')).toThrow(
      expect.objectContaining({ name: 'AccessDeniedException', message: `No access to reserved parameter name: ${prefix}text.` }),
    )
  })
})
