import {
  createRotationHandler,
  type RotationEvent,
  type RotationHandler,
  type RotationHandlerOptions,
  type RotationStrategy,
} from '../../src/rotation/index.js'
import { FakeSecretsManager, type FakeSecretValue } from '../../src/testing/index.js'

/** A fake Secrets Manager whose rotation function is a handler of ours. */
export interface Rotating {
  fake: FakeSecretsManager
  handler: RotationHandler
  /** Every event that the function was called with. */
  events: RotationEvent[]
  /** Asks for a rotation and waits for its end; rejects with what the function threw. */
  rotate(secretId: string): Promise<void>
  /** Goes through the steps of the last rotation again, as Secrets Manager does after one that failed. */
  repeat(): Promise<void>
  /** The value of a label, parsed. */
  read<Secret = DatabaseFields>(secretId: string, versionStage?: string): Secret
}

/** The secret of a database user, as the tests write it. */
export interface DatabaseFields {
  engine: string
  host: string
  port: number
  username: string
  password: string
  dbname?: string
  masterarn?: string
}

/** The secret of a user: it names a master where one is needed, for a master of MariaDB would spare a single user its window. */
export function masterNamed(user: DatabaseFields, strategy: RotationStrategy = 'single-user'): DatabaseFields {
  return strategy === 'alternating-users' ? { ...user, masterarn: 'master' } : user
}

/** How the rotation function is called. */
export interface RotatingOptions {
  timesEachStep?: number
  /** Is waited for before each step. */
  before?: (event: RotationEvent) => Promise<void>
}

/** Sets up secrets and the function that rotates them. */
export function rotating(
  secrets: Readonly<Record<string, FakeSecretValue>>,
  options: RotationHandlerOptions | ((fake: FakeSecretsManager) => RotationHandlerOptions),
  { timesEachStep = 1, before }: RotatingOptions = {},
): Rotating {
  const events: RotationEvent[] = []
  const fake: FakeSecretsManager = new FakeSecretsManager({
    secrets,
    async rotation(event) {
      events.push(event)
      await before?.(event)
      for (let time = 0; time < timesEachStep; time += 1) await handler(event)
    },
  })
  const made = typeof options === 'function' ? options(fake) : options
  const handler = createRotationHandler({ client: fake.client(), ...made })
  return {
    fake,
    handler,
    events,
    async repeat() {
      const [last] = events.slice(-1)
      if (last === undefined) throw new Error('Nothing was rotated yet.')
      for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) await handler({ ...last, Step })
    },
    async rotate(secretId) {
      try {
        fake.perform('RotateSecret', {
          SecretId: secretId,
          RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate',
        })
      } catch (error) {
        if (!String(error).includes('will be reattempted')) throw error
      }
      await fake.idle()
      const { status, error } = fake.rotations.at(-1) ?? {}
      if (status !== 'succeeded') throw error
    },
    read<Secret>(secretId: string, versionStage = 'AWSCURRENT') {
      const { SecretString } = fake.perform('GetSecretValue', { SecretId: secretId, VersionStage: versionStage })
      return JSON.parse(String(SecretString)) as Secret
    },
  }
}
