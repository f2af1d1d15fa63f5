import { randomUUID } from 'node:crypto'
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, expect, test } from 'vitest'
import { createSecret, putSecretValue } from '../../../src/admin/index.js'
import { SecretCache } from '../../../src/index.js'
import { rejectionOf } from '../../support/rejection.js'
import { motoClient } from './client.js'
import { deployFunction } from './deploy-function.js'

const client = motoClient()
const cache = new SecretCache({ client })
afterAll(async () => {
  await cache.close()
  client.destroy()
})

test('what is created and put is what the service has, and what readers are given without a call', async () => {
  const name = randomUUID()
  await createSecret(cache, name, 'one', { description: 'A key.', tags: { team: 'db' } })
  expect(cache.peek(name)?.text()).toBe('one')
  const { Description, Tags } = await client.send(new DescribeSecretCommand({ SecretId: name }))
  expect([Description, Tags]).toEqual(['A key.', [{ Key: 'team', Value: 'db' }]])

  const written = await putSecretValue(cache, name, 'two')
  expect(cache.peek(name)).toBe(written)
  expect(await client.send(new GetSecretValueCommand({ SecretId: name }))).toMatchObject({
    SecretString: 'two',
    VersionId: written.versionId,
  })
  expect((await cache.refreshNow(name)).versionId).toBe(written.versionId)
  expect(await cache.getSecretString(name, { versionStage: 'AWSPREVIOUS' })).toBe('one')

  await putSecretValue(cache, name, new Uint8Array([1, 2, 3]))
  expect(await cache.getSecretBinary(name)).toEqual(Buffer.from([1, 2, 3]))
})

test('AWSPENDING alone leaves readers where they are', async () => {
  const name = randomUUID()
  await createSecret(cache, name, 'one')
  await putSecretValue(cache, name, 'next', { versionStages: ['AWSPENDING'] })
  expect(await cache.getSecretString(name)).toBe('one')
  expect(await cache.getSecretString(name, { versionStage: 'AWSPENDING' })).toBe('next')
})

test('objects are written as JSON, by the tokens of their callers', async () => {
  const [name, clientRequestToken] = [randomUUID(), randomUUID()]
  const made = await createSecret(cache, name, { username: 'app', password: 'one' }, { clientRequestToken })
  expect([made.versionId, await cache.getSecretJson(name)]).toEqual([clientRequestToken, { username: 'app', password: 'one' }])
  const written = await putSecretValue(cache, name, ['two'], { clientRequestToken: randomUUID() })
  expect((await cache.refreshNow(name)).versionId).toBe(written.versionId)
})

test('a repetition by the same token, after another writer, turns nothing back', async () => {
  const [name, clientRequestToken] = [randomUUID(), randomUUID()]
  await createSecret(cache, name, 'one')
  await putSecretValue(cache, name, 'two', { clientRequestToken })
  await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'three' }))
  await putSecretValue(cache, name, 'two', { clientRequestToken })
  expect(await cache.getSecretString(name)).toBe('three')
})

test('a name that is taken, and a secret that is not there, are told apart', async () => {
  const name = randomUUID()
  await createSecret(cache, name, 'one')
  expect((await rejectionOf(createSecret(cache, name, 'two'))).code).toBe('ERR_SECRET_REQUEST')
  expect((await rejectionOf(putSecretValue(cache, randomUUID(), 'two'))).code).toBe('ERR_SECRET_NOT_FOUND')
})

test('the template of the emergency reset deploys, and lets EventBridge call the function', async () => {
  const name = randomUUID()
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: name, SecretString: 'one' }))
  const { stack, functionArn, statements } = await deployFunction('examples/emergency-reset/template.yaml', {
    name,
    SecretArn: ARN,
    RotationFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate',
  })
  expect(stack).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>')
  expect(statements).toMatchObject([
    { Action: 'lambda:InvokeFunction', Principal: { Service: 'events.amazonaws.com' }, Resource: functionArn },
  ])
})
