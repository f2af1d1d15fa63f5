import type { FakeServer } from 'awscurrent/testing'
import { CliError } from '../cli-error.js'
import { exitCodes } from '../exit-codes.js'
import type { SecretsOnFile } from './secrets-on-file.js'

/** Where both services listen. */
export interface Servers {
  readonly secrets: string
  readonly parameters: string
  close(): Promise<void>
}

/** Serves secrets at a port of the loopback interface and parameters at the next; both at free ones with 0. */
export async function startServers({ secrets, parameters }: SecretsOnFile, port: number): Promise<Servers> {
  const first = await listenAt(port, () => secrets.listen({ port }))
  try {
    const next = port === 0 ? 0 : port + 1
    const second = await listenAt(next, () => parameters.listen({ port: next }))
    return {
      secrets: first.endpoint,
      parameters: second.endpoint,
      async close() {
        await Promise.all([first.close(), second.close()])
      },
    }
  } catch (error) {
    await first.close()
    throw error
  }
}

async function listenAt(port: number, listen: () => Promise<FakeServer>): Promise<FakeServer> {
  try {
    return await listen()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? 'is in use' : `cannot be used: ${code ?? 'unknown error'}`
    throw new CliError(`Port ${port} ${reason}. Secrets are served at --port, and parameters at the next.`, exitCodes.failed)
  }
}

/** The environment by which any AWS SDK finds these servers, whatever the user's own says. */
export function environmentFor(servers: Servers, region: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: servers.secrets,
    AWS_ENDPOINT_URL_SSM: servers.parameters,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Requests must be signed, with any key.
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
}

/** Variables that would outweigh those. */
const outweighing = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']

/** The environment of the user's command. */
export function childEnvironment(inherited: NodeJS.ProcessEnv, added: Record<string, string>): NodeJS.ProcessEnv {
  const env = { ...inherited, ...added }
  for (const name of outweighing) delete env[name]
  return env
}
