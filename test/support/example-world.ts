import { onTestFinished, vi } from 'vitest'
import type { FakeSecretsManager } from '../../src/testing/index.js'

/** Until the test ends, an example finds the fake where it would find Secrets Manager, and nobody sees what it logs. */
export async function serveToExample(fake: FakeSecretsManager, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const server = await fake.listen()
  const logs = (['log', 'warn'] as const).map(name => vi.spyOn(console, name).mockImplementation(() => {}))
  onTestFinished(async () => {
    for (const log of logs) log.mockRestore()
    vi.unstubAllEnvs()
    await server.close()
  })
  const all = {
    AWS_REGION: fake.region,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    ...env,
  }
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value)
}
