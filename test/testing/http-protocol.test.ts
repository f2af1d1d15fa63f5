import { request } from 'node:http'
import { GetResourcePolicyCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf, sdkFor } from './support.js'

const authorization =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=00'

interface Reply {
  status: number
  body: string
  requestId: string | undefined
}

/** Sends bytes as they are, without an SDK. */
function post(endpoint: string, headers: Record<string, string>, body: string, method = 'POST'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method, headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text, requestId: response.headers['x-amzn-requestid']?.toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function listening(fake: FakeSecretsManager): Promise<string> {
  const server = await fake.listen()
  onTestFinished(() => server.close())
  return server.endpoint
}

describe('the protocol of listen()', () => {
  it.each([
    ['http://evil.example:4599', 403],
    ['https://localhost.evil.example', 403],
    ['null', 403],
    ['http://127.0.0.1:3000', 200],
    ['http://localhost', 200],
  ])('answers a page of %s with %i', async (origin, expected) => {
    const fake = new FakeSecretsManager({ secrets: { a: 'hunter2' } })
    const headers = { authorization, origin, 'x-amz-target': 'secretsmanager.GetSecretValue' }
    const { status, body } = await post(await listening(fake), headers, '{"SecretId":"a"}')
    expect([status, body.includes('hunter2')]).toEqual([expected, expected === 200])
  })

  it('answers dates as seconds and blobs in base64', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: Uint8Array.of(1, 2, 3) } })
    const headers = { authorization, 'x-amz-target': 'secretsmanager.GetSecretValue' }
    const { status, body, requestId } = await post(await listening(fake), headers, '{"SecretId":"a"}')
    expect(status).toBe(200)
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(JSON.parse(body)).toMatchObject({ SecretBinary: 'AQID', CreatedDate: expect.any(Number) })
    expect(Math.abs(JSON.parse(body).CreatedDate * 1000 - Date.now())).toBeLessThan(3_600_000)
  })

  it.each([
    ['unsigned', { 'x-amz-target': 'secretsmanager.GetSecretValue' }, '{}', 'MissingAuthenticationTokenException'],
    [
      'signed for another Region',
      { authorization: authorization.replace('eu-west-1', 'us-east-1'), 'x-amz-target': 'secretsmanager.GetSecretValue' },
      '{}',
      'InvalidSignatureException',
    ],
    [
      'signed for another service',
      { authorization: authorization.replace('secretsmanager', 'sns'), 'x-amz-target': 'secretsmanager.GetSecretValue' },
      '{}',
      'InvalidSignatureException',
    ],
    ['without a target', { authorization }, '{}', 'UnknownOperationException'],
    ['for another service', { authorization, 'x-amz-target': 'AmazonSSM.GetParameter' }, '{}', 'UnknownOperationException'],
    [
      'with a body that is no JSON',
      { authorization, 'x-amz-target': 'secretsmanager.GetSecretValue' },
      '{"Sec',
      'SerializationException',
    ],
    [
      'with a body that is no object',
      { authorization, 'x-amz-target': 'secretsmanager.GetSecretValue' },
      '[]',
      'SerializationException',
    ],
    [
      'with a member of the wrong type',
      { authorization, 'x-amz-target': 'secretsmanager.GetSecretValue' },
      '{"SecretId":7}',
      'SerializationException',
    ],
    [
      'without a required member',
      { authorization, 'x-amz-target': 'secretsmanager.GetSecretValue' },
      '{}',
      'ValidationException',
    ],
    [
      'with a blob that is none',
      { authorization, 'x-amz-target': 'secretsmanager.PutSecretValue' },
      '{"SecretId":"a","SecretBinary":7}',
      'SerializationException',
    ],
  ])('refuses a request %s', async (_, headers, body, name) => {
    const { status, body: reply } = await post(await listening(new FakeSecretsManager()), headers as Record<string, string>, body)
    expect(status).toBe(400)
    expect(JSON.parse(reply)).toMatchObject({ __type: name, Message: expect.any(String) })
  })

  it.each([
    ['CreateSecret', { Name: 'b', SecretString: 'one' }, 'InvalidRequestException'],
    ['PutSecretValue', { SecretId: 'a', SecretString: 'two' }, 'InvalidRequestException'],
    ['UpdateSecret', { SecretId: 'a', SecretString: 'two' }, 'InvalidRequestException'],
    ['RotateSecret', { SecretId: 'a' }, 'InvalidParameterException'],
  ])('refuses %s without the token that an SDK fills in', async (operation, input, name) => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const headers = { authorization, 'x-amz-target': `secretsmanager.${operation}` }
    const { status, body } = await post(await listening(fake), headers, JSON.stringify(input))
    expect(status).toBe(400)
    expect(JSON.parse(body)).toMatchObject({ __type: name, Message: expect.stringContaining('a ClientRequestToken value') })
    expect(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretString).toBe('one')
  })

  it('refuses another method than POST, and a body of more than 1 MiB', async () => {
    const endpoint = await listening(new FakeSecretsManager())
    const headers = { authorization, 'x-amz-target': 'secretsmanager.GetSecretValue' }
    expect(JSON.parse((await post(endpoint, headers, '{}', 'PUT')).body).__type).toBe('UnknownOperationException')
    expect((await post(endpoint, headers, ' '.repeat(1024 * 1024 + 1))).status).toBe(413)
  })

  it('tells the SDK what there is when asked for something else', async () => {
    const sdk = await sdkFor(new FakeSecretsManager({ secrets: { a: 'one' } }))
    const error = await rejectionOf(sdk.send(new GetResourcePolicyCommand({ SecretId: 'a' })))
    expect(error.name).toBe('UnknownOperationException')
    expect(error.message).toContain('ERR_FAKE_UNEXPECTED')
    expect(error.message).toContain('GetSecretValue')
  })

  it('closes though a connection is kept alive and a call hangs, once and for all', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const server = await fake.listen()
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }
    const sdk = new SecretsManagerClient({ region: fake.region, endpoint: server.endpoint, credentials, maxAttempts: 1 })
    await sdk.send(new GetSecretValueCommand({ SecretId: 'a' }))
    fake.inject({ hang: true })
    const hanging = rejectionOf(sdk.send(new GetSecretValueCommand({ SecretId: 'a' })))
    await expect.poll(() => fake.count()).toBe(2)
    await server[Symbol.asyncDispose]()
    await server.close()
    expect((await hanging).code).toBe('ECONNRESET')
    expect((await rejectionOf(sdk.send(new GetSecretValueCommand({ SecretId: 'a' })))).code).toBe('ECONNREFUSED')
    sdk.destroy()
  })

  it('listens on the port that is asked for', async () => {
    const fake = new FakeSecretsManager()
    const first = await fake.listen()
    const port = Number(new URL(first.endpoint).port)
    await first.close()
    const second = await fake.listen({ port })
    onTestFinished(() => second.close())
    expect(second.endpoint).toBe(`http://127.0.0.1:${port}`)
  })

  it('rejects when the port is taken', async () => {
    const fake = new FakeSecretsManager()
    const port = Number(new URL(await listening(fake)).port)
    expect((await rejectionOf(fake.listen({ port }))).code).toBe('EADDRINUSE')
  })
})
