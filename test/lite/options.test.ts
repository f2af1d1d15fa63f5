import { expect, it } from 'vitest'
import { type LiteSourceOptions, liteSource } from '../../src/lite/index.js'

it.each<[unknown, RegExp]>([
  [null, /liteSource takes a plain object/],
  ['eu-west-1', /liteSource takes a plain object/],
  [{ regoin: 'eu-west-1' }, /Unknown option "regoin".*region/],
  [{ region: '' }, /^region/],
  [{ region: 'eu-west-1.evil.example' }, /^region/],
  [{ region: 'evil.example/' }, /^region/],
  [{ region: 5 }, /^region/],
  [{ endpoint: 'localhost:4566' }, /^endpoint/],
  [{ endpoint: 'ftp://localhost' }, /^endpoint/],
  [{ endpoint: 'http://user:pass@localhost' }, /^endpoint/],
  [{ endpoint: 'http://localhost/?a' }, /^endpoint/],
  [{ endpoint: new URL('http://localhost') }, /^endpoint/],
  [{ useFipsEndpoint: 'true' }, /^useFipsEndpoint/],
  [{ useDualstackEndpoint: 1 }, /^useDualstackEndpoint/],
  [{ clock: {} }, /^clock/],
  [{ endpoint: 'http://localhost', useFipsEndpoint: true }, /endpoint excludes useFipsEndpoint/],
])('%j is a TypeError that names the option', (options, message) => {
  expect(() => liteSource(options as LiteSourceOptions)).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) }),
  )
})

it('options that are changed later change nothing', async () => {
  const options: LiteSourceOptions = { region: 'eu-west-1', endpoint: 'http://127.0.0.1:1' }
  const source = liteSource(options)
  options.region = ''
  await expect(source.get({ secretId: 'x' }, { signal: AbortSignal.abort() })).rejects.not.toThrow('Region')
})
