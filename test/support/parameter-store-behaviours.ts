import { randomUUID } from 'node:crypto'
import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  type GetParameterCommandOutput,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  type ParameterType,
  PutParameterCommand,
  type PutParameterCommandInput,
  type SSMClient,
  UnlabelParameterVersionCommand,
} from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rejectionOf } from '../testing/support.js'

/** A Parameter Store, as the real SDK sees it. */
export interface ParameterService {
  readonly client: SSMClient
  createSecret(name: string, value: string): Promise<{ arn: string; versionId: string }>
  putSecret(name: string, value: string): Promise<void>
  close(): Promise<void>
}

type Wanted = Record<string, unknown>

/** What a Parameter Store does: the same suite holds the fake to a service that nobody here wrote. */
export function describeParameterStore(title: string, open: () => Promise<ParameterService>, isMoto = false): void {
  describe(title, () => {
    let service: ParameterService
    let client: SSMClient

    beforeAll(async () => {
      service = await open()
      client = service.client
    })
    afterAll(() => service.close())

    const newName = (): string => `/conformance/${randomUUID()}`

    async function put(name: string, value: string, settings: Partial<PutParameterCommandInput> = {}): Promise<number> {
      const Type: ParameterType = settings.Type ?? 'SecureString'
      const { Version = 0 } = await client.send(
        new PutParameterCommand({ Name: name, Value: value, Overwrite: true, ...settings, Type }),
      )
      return Version
    }

    async function get(name: string, WithDecryption = true): Promise<NonNullable<GetParameterCommandOutput['Parameter']>> {
      const { Parameter = {} } = await client.send(new GetParameterCommand({ Name: name, WithDecryption }))
      return Parameter
    }

    async function label(name: string, version: number, ...Labels: string[]): Promise<string[] | undefined> {
      const input = { Name: name, ParameterVersion: version, Labels }
      return (await client.send(new LabelParameterVersionCommand(input))).InvalidLabels
    }

    async function refused(sending: Promise<unknown>): Promise<{ name: string; message: string }> {
      const { name, message } = await rejectionOf(sending)
      return { name, message }
    }

    /** A behaviour in which moto is known to differ from AWS: moto's answer is expected of moto, AWS's of the fake. */
    function itDiffers(behaviour: string, mostly: string, check: (isMoto: boolean) => Promise<void>): void {
      it(isMoto ? `${behaviour} (moto differs: ${mostly})` : behaviour, () => check(isMoto))
    }

    it('answers a parameter with its number, date, ARN and data type', async () => {
      const name = newName()
      await put(name, 'one')
      const parameter = await get(name)
      expect(parameter).toEqual({
        Name: name,
        Type: 'SecureString',
        Value: 'one',
        Version: 1,
        LastModifiedDate: expect.any(Date),
        ARN: `arn:aws:ssm:eu-west-1:123456789012:parameter${name}`,
        DataType: 'text',
      })
      expect(Math.abs(Number(parameter.LastModifiedDate) - Date.now())).toBeLessThan(3_600_000)
    })

    it('adds a version only when told to overwrite', async () => {
      const name = newName()
      await put(name, 'one')
      expect(await put(name, 'two')).toBe(2)
      expect(await refused(put(name, 'three', { Overwrite: false }))).toEqual({
        name: 'ParameterAlreadyExists',
        message: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      })
      expect((await get(name)).Value).toBe('two')
    })

    it('requires the type of a new parameter', async () => {
      const sending = client.send(new PutParameterCommand({ Name: newName(), Value: 'one' }))
      expect(await refused(sending)).toEqual({
        name: 'ValidationException',
        message: 'A parameter type is required when you create a parameter.',
      })
    })

    itDiffers('reads a version by its number and by its label, and repeats the selector', 'it omits it', async isMoto => {
      const selector = (asked: string): Wanted => (isMoto ? {} : { Selector: asked })
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      expect(await label(name, 1, 'stable')).toEqual([])
      expect(await get(`${name}:1`)).toMatchObject({ Name: name, Value: 'one', Version: 1, ...selector(':1') })
      expect(await get(`${name}:stable`)).toMatchObject({ Name: name, Value: 'one', Version: 1, ...selector(':stable') })
      await label(name, 2, 'stable')
      expect(await get(`${name}:stable`)).toMatchObject({ Value: 'two', Version: 2 })
    })

    it('reads by the ARN, with and without a selector', async () => {
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      const { ARN = '' } = await get(name)
      expect(await get(ARN)).toMatchObject({ Name: name, Value: 'two', ARN })
      expect(await get(`${ARN}:1`)).toMatchObject({ Name: name, Value: 'one', ARN })
    })

    itDiffers('repeats the form in which a name was asked for', 'it has two parameters', async isMoto => {
      const plain = `plain-${randomUUID()}`
      await put(plain, 'one')
      if (isMoto) expect((await get(`/${plain}`)).Name).toBe(plain)
      else expect((await get(`/${plain}`)).Name).toBe(`/${plain}`)
      expect((await get(plain)).Name).toBe(plain)
      const { ARN } = await get(plain)
      expect(ARN).toBe(`arn:aws:ssm:eu-west-1:123456789012:parameter/${plain}`)
    })

    itDiffers('says nothing of a parameter that is missing', 'it names the parameter', async isMoto => {
      const name = newName()
      expect(await refused(get(name))).toEqual({
        name: 'ParameterNotFound',
        message: isMoto ? `Parameter ${name} not found.` : 'UnknownError',
      })
    })

    it('says which version is missing', async () => {
      const name = newName()
      await put(name, 'one')
      expect(await refused(get(`${name}:7`))).toEqual({
        name: 'ParameterVersionNotFound',
        message: `Systems Manager could not find version 7 of ${name}. Verify the version and try again.`,
      })
    })

    it('takes a missing label for a missing parameter', async () => {
      const name = newName()
      await put(name, 'one')
      expect((await refused(get(`${name}:nothing`))).name).toBe('ParameterNotFound')
    })

    itDiffers('rejects a path without its leading slash, or with an empty level', 'they are missing', async isMoto => {
      for (const name of ['a/b', '/a//b', '/a/']) {
        expect((await refused(get(name))).name).toBe(isMoto ? 'ParameterNotFound' : 'ValidationException')
      }
    })

    it.each([
      ['aws-key', 'ValidationException'],
      ['/SSM', 'ValidationException'],
      ['/ssm-app/key', 'ValidationException'],
      ['/aws/app/key', 'AccessDeniedException'],
      ['/AWSapp/key', 'AccessDeniedException'],
    ])('reserves the name %s', async (name, error) => {
      expect((await refused(put(name, 'one'))).name).toBe(error)
    })

    it('shows the ciphertext of a SecureString unless told to decrypt it', async () => {
      const name = newName()
      await put(name, 'a value in the clear')
      for (const sending of [get(name, false), client.send(new GetParameterCommand({ Name: name })).then(it => it.Parameter)]) {
        const parameter = await sending
        expect(parameter?.Value).not.toBe('a value in the clear')
        expect(parameter?.Type).toBe('SecureString')
      }
      const list = newName()
      await put(list, 'a,b', { Type: 'StringList' })
      expect(await get(list, false)).toMatchObject({ Type: 'StringList', Value: 'a,b' })
    })

    it('reads ten by name, sorted, with those that are missing beside them', async () => {
      const names = [newName(), newName(), newName()]
      for (const name of names) await put(name, name)
      const missing = newName()
      const wanted = [names[2]!, missing, `${names[0]}:9`, names[0]!, `${names[1]}:1`]
      const answer = await client.send(new GetParametersCommand({ Names: wanted, WithDecryption: true }))
      expect(answer.$metadata.httpStatusCode).toBe(200)
      expect(answer.Parameters?.map(it => it.Value).sort()).toEqual([...names].sort())
      expect([...(answer.InvalidParameters ?? [])].sort()).toEqual([missing, `${names[0]}:9`].sort())
    })

    itDiffers('sorts what it reads by name', 'in any order', async isMoto => {
      const names = [newName(), newName(), newName()].sort()
      for (const name of names) await put(name, 'one')
      const wanted = [names[1]!, names[2]!, names[0]!]
      const { Parameters } = await client.send(new GetParametersCommand({ Names: wanted }))
      const found = Parameters?.map(it => it.Name)
      expect(isMoto ? found?.sort() : found).toEqual(names)
    })

    it('reads no more than ten at once', async () => {
      const Names = Array.from({ length: 11 }, newName)
      expect((await refused(client.send(new GetParametersCommand({ Names })))).name).toBe('ValidationException')
    })

    it('reads a level of a hierarchy, or all below it', async () => {
      const path = newName()
      for (const name of ['b', 'a', 'deeper/c']) await put(`${path}/${name}`, name)
      const names = async (input: Wanted): Promise<(string | undefined)[]> => {
        const { Parameters = [] } = await client.send(new GetParametersByPathCommand({ Path: path, ...input }))
        return Parameters.map(it => it.Name?.slice(path.length)).sort()
      }
      expect(await names({})).toEqual(['/a', '/b'])
      expect(await names({ Recursive: true })).toEqual(['/a', '/b', '/deeper/c'])
      expect(await names({ Path: `${path}/` })).toEqual(['/a', '/b'])
      expect(await names({ ParameterFilters: [{ Key: 'Type', Values: ['String'] }] })).toEqual([])
    })

    it('pages through a hierarchy', async () => {
      const path = newName()
      for (let index = 0; index < 12; index += 1) await put(`${path}/${index}`, 'one')
      const first = await client.send(new GetParametersByPathCommand({ Path: path }))
      expect(first.Parameters?.length).toBe(10)
      const second = await client.send(new GetParametersByPathCommand({ Path: path, NextToken: first.NextToken! }))
      expect(second.Parameters?.length).toBe(2)
      expect(second.NextToken).toBeUndefined()
    })

    it('selects the version that has a label in a hierarchy', async () => {
      const path = newName()
      await put(`${path}/a`, 'one')
      await put(`${path}/b`, 'one')
      await label(`${path}/a`, 1, 'stable')
      const filter = { Key: 'Label', Values: ['stable'] }
      const input = { Path: path, ParameterFilters: [filter], WithDecryption: true }
      const { Parameters } = await client.send(new GetParametersByPathCommand(input))
      expect(Parameters?.map(it => [it.Name, it.Value])).toEqual([[`${path}/a`, 'one']])
    })

    it('keeps the history with labels', async () => {
      const name = newName()
      await put(name, 'one', { Description: 'first' })
      await put(name, 'two')
      await label(name, 1, 'stable', 'old')
      const input = { Name: name, WithDecryption: true }
      const { Parameters } = await client.send(new GetParameterHistoryCommand(input))
      expect(Parameters).toMatchObject([
        { Name: name, Value: 'one', Version: 1, Labels: ['stable', 'old'], KeyId: 'alias/aws/ssm', Description: 'first' },
        { Name: name, Value: 'two', Version: 2, Labels: [], KeyId: 'alias/aws/ssm', Description: 'first' },
      ])
    })

    it('rejects labels that begin with a digit, and attaches the others', async () => {
      const name = newName()
      await put(name, 'one')
      expect(await label(name, 1, '1st', 'first')).toEqual(['1st'])
      expect((await get(`${name}:first`)).Version).toBe(1)
    })

    itDiffers('rejects labels that begin with "aws" or "ssm"', 'it tells case', async isMoto => {
      const name = newName()
      await put(name, 'one')
      expect(await label(name, 1, 'AWSCURRENT', 'ssm')).toEqual(isMoto ? ['ssm'] : ['AWSCURRENT', 'ssm'])
    })

    it('labels the latest version unless another is given, and only an existing one', async () => {
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      const labelled = await client.send(new LabelParameterVersionCommand({ Name: name, Labels: ['latest'] }))
      expect(labelled.ParameterVersion).toBe(2)
      expect(await refused(label(name, 3, 'next'))).toEqual({
        name: 'ParameterVersionNotFound',
        message: `Systems Manager could not find version 3 of ${name}. Verify the version and try again.`,
      })
    })

    it('attaches no more than ten labels to a version', async () => {
      const name = newName()
      await put(name, 'one')
      await label(name, 1, ...'abcdefghij')
      expect((await refused(label(name, 1, 'k'))).name).toBe('ParameterVersionLabelLimitExceeded')
      await put(name, 'two')
      expect(await label(name, 2, 'a', 'k')).toEqual([])
      expect(await label(name, 1, 'l')).toEqual([])
    })

    it('removes labels from the version that has them', async () => {
      const name = newName()
      await put(name, 'one')
      await label(name, 1, 'stable')
      const input = { Name: name, ParameterVersion: 1, Labels: ['stable', 'other'] }
      const { RemovedLabels, InvalidLabels } = await client.send(new UnlabelParameterVersionCommand(input))
      expect({ RemovedLabels, InvalidLabels }).toEqual({ RemovedLabels: ['stable'], InvalidLabels: ['other'] })
      expect((await refused(get(`${name}:stable`))).name).toBe('ParameterNotFound')
    })

    it('keeps a hundred versions, and no more while the oldest has a label', async () => {
      const name = newName()
      for (let version = 1; version <= 100; version += 1) await put(name, `value ${version}`)
      expect(await put(name, 'value 101')).toBe(101)
      expect((await refused(get(`${name}:1`))).name).toBe('ParameterVersionNotFound')
      await label(name, 2, 'oldest')
      const error = await refused(put(name, 'value 102'))
      expect(error.name).toBe('ParameterMaxVersionLimitExceeded')
      expect(error.message).toContain(
        "Version 2, the oldest version, can't be deleted because it has a label associated with it.",
      )
      await label(name, 50, 'oldest')
      expect(await put(name, 'value 102')).toBe(102)
    })

    it('starts again with version 1 after a deletion, under the same ARN', async () => {
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      const { ARN } = await get(name)
      await client.send(new DeleteParameterCommand({ Name: name }))
      expect((await refused(get(name))).name).toBe('ParameterNotFound')
      expect((await refused(client.send(new DeleteParameterCommand({ Name: name })))).name).toBe('ParameterNotFound')
      expect(await put(name, 'again')).toBe(1)
      expect(await get(name)).toMatchObject({ ARN, Value: 'again', Version: 1 })
    })

    it('deletes several, and says which it has not', async () => {
      const [first, second] = [newName(), newName()]
      await put(first, 'one')
      const answer = await client.send(new DeleteParametersCommand({ Names: [first, second] }))
      expect(answer).toMatchObject({ DeletedParameters: [first], InvalidParameters: [second] })
    })

    itDiffers('limits the size of a value', 'it has no limit', async isMoto => {
      const name = newName()
      await put(name, 'x'.repeat(4096))
      const large = put(name, 'x'.repeat(4097))
      if (isMoto) expect(await large).toBe(2)
      else expect((await refused(large)).message).toMatch(/^Standard tier parameters support a maximum parameter value of 4096/)
      expect(await put(name, 'x'.repeat(8192), { Tier: 'Advanced' })).toBe(isMoto ? 3 : 2)
    })

    it('describes parameters without their values', async () => {
      const name = newName()
      await put(name, 'one', { Description: 'first' })
      const filter = { Key: 'Name', Option: 'Equals', Values: [name] }
      const { Parameters } = await client.send(new DescribeParametersCommand({ ParameterFilters: [filter] }))
      expect(Parameters).toMatchObject([{ Name: name, Type: 'SecureString', Version: 1, Description: 'first' }])
      expect(JSON.stringify(Parameters)).not.toContain('"one"')
    })

    itDiffers('reads a secret of Secrets Manager', 'under the name of the secret and an ARN that no secret has', async isMoto => {
      const id = `conformance/${randomUUID()}`
      const { arn, versionId } = await service.createSecret(id, 'a secret')
      const name = `/aws/reference/secretsmanager/${id}`
      const { SourceResult = '', ...parameter } = await get(name)
      expect(parameter).toMatchObject({ Type: 'SecureString', Value: 'a secret', Version: 0 })
      expect([parameter.Name, parameter.ARN]).toEqual(
        isMoto ? [id, `arn:aws:ssm:eu-west-1:123456789012:parameter/${id}`] : [name, arn],
      )
      const source = JSON.parse(SourceResult)
      if (isMoto) expect(source).toMatchObject({ ARN: arn, Name: id, VersionId: versionId })
      else {
        expect(source).toMatchObject({ ARN: arn, name: id, versionId, secretString: 'a secret' })
        expect(source.versionStages).toEqual(['AWSCURRENT'])
      }
    })

    it('reads a secret only with its decryption', async () => {
      const name = `/aws/reference/secretsmanager/${randomUUID()}`
      expect(await refused(get(name, false))).toEqual({
        name: 'ValidationException',
        message: 'WithDecryption flag must be True for retrieving a Secret Manager secret.',
      })
    })

    itDiffers('says which secret is missing', 'in other words', async isMoto => {
      const id = randomUUID()
      const shown = isMoto ? `/aws/reference/secretsmanager/${id}` : `aws/reference/secretsmanager/${id}null`
      expect(await refused(get(`/aws/reference/secretsmanager/${id}`))).toEqual({
        name: 'ParameterNotFound',
        message: `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${shown} not found.`,
      })
    })

    itDiffers('reads versions of a secret by their ids and labels', 'it omits the selector', async isMoto => {
      const id = `conformance/${randomUUID()}`
      const { versionId } = await service.createSecret(id, 'one')
      await service.putSecret(id, 'two')
      const name = `/aws/reference/secretsmanager/${id}`
      expect((await get(name)).Value).toBe('two')
      for (const selector of [versionId, 'AWSPREVIOUS']) {
        const asked = isMoto ? {} : { Name: name, Selector: `:${selector}` }
        expect(await get(`${name}:${selector}`)).toMatchObject({ ...asked, Value: 'one' })
      }
    })
  })
}
