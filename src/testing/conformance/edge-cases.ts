import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import type { SecretRequest } from '../../core/secrets/source.js'
import { errorOf, newName, read, type SourceCase } from './environment.js'

const current = 'AWSCURRENT'

/** The conformance tests for edge cases of `get`. */
export const edgeCases: readonly SourceCase[] = [
  [
    'reads secrets whose names have every character that a name may have',
    async environment => {
      for (const name of [`${newName()}/_+=.@-x`, `/${newName()}`, `${newName()}-AbCdEf`]) {
        const { arn } = await environment.create(name, name)
        for (const secretId of [name, arn]) {
          const value = await read(environment, { secretId, versionStage: current })
          assert.deepEqual([value.name, value.arn, value.string], [name, arn, name], secretId)
        }
      }
    },
  ],
  [
    'reads 65,536 bytes unchanged, as text and as binary',
    async environment => {
      const [text, binary] = [newName(), newName()]
      // Characters of three bytes in UTF-8, and a quote that JSON must escape.
      const longest = `"${'€'.repeat(21_845)}`
      const bytes = Uint8Array.from({ length: 65_536 }, (_, index) => (index * 31) % 256)
      await environment.create(text, longest)
      await environment.create(binary, bytes)
      assert.equal((await read(environment, { secretId: text, versionStage: current })).string, longest)
      const value = await read(environment, { secretId: binary, versionStage: current })
      assert.deepEqual(Uint8Array.from(value.binary ?? []), bytes)
    },
  ],
  [
    'rejects when its signal has aborted, before or during the read',
    async environment => {
      const name = newName()
      await environment.create(name, 'not waited for')
      const request = { secretId: name, versionStage: current }
      await assert.rejects(environment.source.get(request, { signal: AbortSignal.abort() }))
      const during = new AbortController()
      const reading = environment.source.get(request, { signal: during.signal })
      during.abort()
      await assert.rejects(reading)
    },
  ],
  [
    'keeps the value of a secret out of its errors',
    async environment => {
      const planted = `planted-${randomUUID()}`
      const name = newName()
      const { versionId } = await environment.create(name, planted)
      await environment.put(name, `${planted} again`)
      const requests: SecretRequest[] = [
        { secretId: name, versionStage: 'NO-SUCH-STAGE' },
        { secretId: name, versionId: randomUUID() },
        { secretId: name, versionId, versionStage: current },
      ]
      for (const request of requests) {
        const error = await errorOf(environment, request)
        assert.ok(!inspect(error, { depth: null, showHidden: true }).includes(planted), 'the error shows the value')
      }
    },
  ],
]
