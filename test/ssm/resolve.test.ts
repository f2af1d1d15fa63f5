import { expect, it } from 'vitest'
import { rejectionOf } from '../support/rejection.js'
import { parameterScene } from './scene.js'

const scene = () => {
  const made = parameterScene({ '/app/url': 'one', plain: 'p' })
  made.store.put('/app/url', 'two')
  made.store.label('/app/url', ['blue'], { version: 1 })
  return made
}

const arn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/app/url'

it.each([
  ['{{resolve:ssm:/app/url}}', 'two'],
  ['{{resolve:ssm:/app/url:1}}', 'one'],
  ['{{resolve:ssm-secure:/app/url:2}}', 'two'],
  ['https://{{resolve:ssm:plain}}:{{resolve:ssm:/app/url}}@host', 'https://p:two@host'],
  [arn, 'two'],
  [`${arn}:1`, 'one'],
  [`${arn}:blue`, 'one'],
  ['/app/url', 'two'],
  ['/app/url:blue', 'one'],
  ['plain', 'p'],
])('%s is read', async (reference, value) => {
  expect(await scene().cache.resolve(reference)).toBe(value)
})

it.each([
  '{{resolve:ssm:/app/url:blue}}',
  '{{resolve:ssm:}}',
  '{{resolve:ssm:/app/url',
  '{{resolve:s3:bucket}}',
  `${arn}:1:2`,
  '/app/url:1:2',
  '{{resolve:ssm-plain:/app/url}}',
])('%s is no reference', async reference => {
  expect(await rejectionOf(scene().cache.resolve(reference))).toMatchObject({ code: 'ERR_SECRET_REQUEST' })
})
