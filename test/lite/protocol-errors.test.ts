import { afterEach, expect, it } from 'vitest'
import { liteSource } from '../../src/lite/index.js'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js'
import { patient, withEnv } from './support.js'

const name = 'FooError'
const namespace = 'aws.protocoltests.json#'
const url = ':http://internal.amazon.com/coral/com.amazon.coral.validate/'

let server: ScriptedServer

withEnv()

afterEach(() => server.close())

interface Answer {
  headers?: Record<string, string>
  body?: object
  status?: number
}

/** The cases that Smithy has for the errors of the protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
it.each<[string, Answer, { name: string; message: string }]>([
  [
    'InvalidGreetingError',
    { body: { __type: 'InvalidGreeting', Message: 'Hi' }, status: 400 },
    { name: 'InvalidGreeting', message: 'Hi' },
  ],
  [
    'ComplexError',
    { body: { __type: 'ComplexError', TopLevel: 'Top level', Nested: { Foo: 'bar' } }, status: 400 },
    { name: 'ComplexError', message: '' },
  ],
  ['EmptyComplexError', { body: { __type: 'ComplexError' }, status: 400 }, { name: 'ComplexError', message: '' }],
  ['FooErrorUsingXAmznErrorType', { headers: { 'X-Amzn-Errortype': name } }, { name, message: '' }],
  ['FooErrorUsingXAmznErrorTypeWithUri', { headers: { 'X-Amzn-Errortype': name + url } }, { name, message: '' }],
  [
    'FooErrorUsingXAmznErrorTypeWithUriAndNamespace',
    { headers: { 'X-Amzn-Errortype': namespace + name + url } },
    { name, message: '' },
  ],
  ['FooErrorUsingCode', { body: { code: name } }, { name, message: '' }],
  ['FooErrorUsingCodeAndNamespace', { body: { code: namespace + name } }, { name, message: '' }],
  ['FooErrorUsingCodeUriAndNamespace', { body: { code: namespace + name + url } }, { name, message: '' }],
  ['FooErrorWithDunderType', { body: { __type: name } }, { name, message: '' }],
  ['FooErrorWithDunderTypeAndNamespace', { body: { __type: namespace + name } }, { name, message: '' }],
  ['FooErrorWithDunderTypeUriAndNamespace', { body: { __type: namespace + name + url } }, { name, message: '' }],
  [
    'FooErrorWithNestedTypeProperty',
    {
      body: {
        __type: namespace + name,
        ErrorDetails: [{ __type: 'com.amazon.internal#ErrorDetails', reason: 'Some reason' }],
      },
    },
    { name, message: '' },
  ],
])('AwsJson11%s', async (_, { headers = {}, body, status = 500 }, expected) => {
  server = await startScriptedServer((__, response) => {
    const type = body === undefined ? {} : { 'Content-Type': 'application/x-amz-json-1.1' }
    response.writeHead(status, { ...type, ...headers }).end(body === undefined ? '' : JSON.stringify(body, null, 4))
  })
  const source = liteSource({ region: 'eu-west-1', endpoint: server.url })
  await expect(source.get({ secretId: 'prod/db' }, patient)).rejects.toMatchObject({
    ...expected,
    $metadata: { httpStatusCode: status },
  })
  await source.close()
})
