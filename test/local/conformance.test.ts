import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { fileSource } from '../../src/local/index.js'
import { describeSource } from '../../src/testing/index.js'
import { patient, save } from './support.js'

/** What a value is in the file. */
function inJson(value: string | Uint8Array): unknown {
  return typeof value === 'string' ? value : { SecretBinary: Buffer.from(value).toString('base64') }
}

describeSource(
  { describe, it },
  {
    title: 'fileSource of a JSON file',
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'awscurrent-local-'))
      const file = join(folder, 'secrets.json')
      const secrets: Record<string, unknown> = {}
      save(file, secrets)
      const source = fileSource(file)
      const write = async (name: string, value: unknown): Promise<{ arn: string; versionId: string }> => {
        secrets[name] = value
        save(file, secrets)
        return source.get({ secretId: name }, patient)
      }
      return {
        source,
        create: (name, value) => write(name, inJson(value)),
        put: (name, value) => write(name, value),
        async scheduleDeletion(name) {
          delete secrets[name]
          save(file, secrets)
        },
        close: () => rm(folder, { recursive: true }),
      }
    },
  },
)
