import { BatchGetSecretValueCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type BrokenAnswer, FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf, sdkFor } from './support.js'

const planted = 'planted-secret'
const command = new GetSecretValueCommand({ SecretId: 'a' })

async function raw(answer: BrokenAnswer): Promise<Response> {
  const fake = new FakeSecretsManager({ secrets: { a: planted } })
  fake.inject({ answer })
  const server = await fake.listen()
  onTestFinished(() => server.close())
  return await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=A/20300101/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-target': 'secretsmanager.GetSecretValue',
    },
    body: '{"SecretId":"a"}',
  })
}

describe('broken answers over HTTP', () => {
  it('truncated: a body that is whole, of JSON that is not', async () => {
    const body = await (await raw('truncated')).text()
    expect(() => JSON.parse(body)).toThrow(SyntaxError)
    expect(() => JSON.parse(`${body}}`)).not.toThrow()
  })

  it('cut: a connection that ends within the body', async () => {
    const response = await raw('cut')
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
  })

  it('html: a page that quotes the secret', async () => {
    const response = await raw('html')
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toContain(planted)
  })

  it('empty: success without a body', async () => {
    const response = await raw('empty')
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it('wrong-types: JSON in which every member has another type', async () => {
    const body = (await (await raw('wrong-types')).json()) as Record<string, unknown>
    expect(body.SecretString).toEqual({ unexpected: [planted] })
    expect(Object.values(body).every(value => typeof value === 'object' && !Array.isArray(value))).toBe(true)
  })

  it('huge: a good answer of more than 1 MiB', async () => {
    const text = await (await raw('huge')).text()
    expect(text.length).toBeGreaterThan(1024 * 1024)
    const fake = new FakeSecretsManager({ secrets: { a: planted } })
    fake.inject({ answer: 'huge' })
    expect(await (await sdkFor(fake)).send(command)).toMatchObject({ SecretString: planted, CreatedDate: expect.any(Date) })
  })

  it('echo: an error whose every field holds the secret', async () => {
    const response = await raw('echo')
    expect(response.status).toBe(400)
    const body = (await response.json()) as Record<string, string>
    expect([body.__type, body.Message, body.SecretString].every(field => field?.includes(planted))).toBe(true)
  })

  it('reset: a connection that ends before a byte of an answer', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: planted } })
    fake.inject({ answer: 'reset', times: 1 })
    const sdk = await sdkFor(fake)
    expect((await rejectionOf(sdk.send(command))).code).toBe('ECONNRESET')
    expect((await sdk.send(command)).SecretString).toBe(planted)
    expect(fake.count()).toBe(2)
  })

  it('leaves an error of the service as it is', async () => {
    const fake = new FakeSecretsManager()
    fake.inject({ answer: 'truncated' })
    expect((await rejectionOf((await sdkFor(fake)).send(command))).name).toBe('ResourceNotFoundException')
  })

  it('breaks a batch as well', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: planted } })
    fake.inject({ answer: 'truncated' })
    const sdk = await sdkFor(fake)
    await expect(sdk.send(new BatchGetSecretValueCommand({ SecretIdList: ['a'] }))).rejects.toThrow(SyntaxError)
  })

  it('is outlived by the SDK, which tries again', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: planted } })
    fake.inject({ error: 'InternalServiceError', times: 1 })
    const server = await fake.listen()
    onTestFinished(() => server.close())
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }
    const sdk = new SecretsManagerClient({ region: fake.region, endpoint: server.endpoint, credentials, maxAttempts: 2 })
    onTestFinished(() => sdk.destroy())
    expect((await sdk.send(command)).SecretString).toBe(planted)
    expect(fake.count()).toBe(2)
  })
})

describe('broken answers in process', () => {
  it('reset: an error as Node has it', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: planted } })
    fake.inject({ answer: 'reset' })
    expect((await rejectionOf(fake.client().send(command))).code).toBe('ECONNRESET')
  })

  it.each(['cut', 'echo', 'empty', 'html', 'huge', 'truncated', 'wrong-types'] as const)(
    '%s: refused, because there are no bytes',
    async answer => {
      const fake = new FakeSecretsManager({ secrets: { a: planted } })
      fake.inject({ answer })
      expect((await rejectionOf(fake.client().send(command))).code).toBe('ERR_FAKE_UNEXPECTED')
    },
  )
})
