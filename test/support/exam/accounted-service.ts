import type { RotationHandlerOptions } from '../../../src/rotation/index.js'
import type { FakeSecretsManager } from '../../../src/testing/index.js'
import { eventsDuring } from '../events-during.js'
import { type DatabaseFields, type Rotating, rotating } from '../rotating.js'

/** A client of Secrets Manager, as far as it is called here. */
export interface Client {
  send(command: object, options?: object): Promise<object>
}

/** Called with what is asked before it is carried out; may throw in the place of the service. */
type Watcher = (operation: string, input: { VersionStage?: string }) => void

/** A Secrets Manager that tells the contestant's calls from those of the rotation. */
export class AccountedService {
  readonly #rotating: Rotating
  #byRotation = 0
  #denied = 0

  constructor(
    secrets: Readonly<Record<string, object>>,
    { before, ...options }: RotationHandlerOptions & { before(step: string): Promise<void> },
  ) {
    const countRotation: Watcher = operation => {
      if (isReading(operation)) this.#byRotation += 1
    }
    this.#rotating = rotating(secrets, fake => ({ ...options, client: watched(fake.client(), countRotation) }), {
      before: ({ Step }) => before(Step),
    })
  }

  /** The service, for whoever needs it over HTTP. */
  get fake(): FakeSecretsManager {
    return this.#rotating.fake
  }

  /** How often the contestant has read a secret, or tried to. */
  get calls(): number {
    return this.fake.calls.filter(({ operation }) => isReading(operation)).length - this.#byRotation + this.#denied
  }

  /** A client for the contestant. */
  client({ pendingDenied }: { pendingDenied: boolean }): Client {
    return watched(this.fake.client(), (_, { VersionStage }) => {
      if (!pendingDenied || VersionStage !== 'AWSPENDING') return
      this.#denied += 1
      throw Object.assign(new Error('User is not authorized to perform: secretsmanager:GetSecretValue'), {
        name: 'AccessDeniedException',
        $fault: 'client',
      })
    })
  }

  /** Rotates, and resolves with the events of that. */
  rotate(secretId: string): Promise<unknown[]> {
    return eventsDuring(this.fake, () => this.#rotating.rotate(secretId))
  }

  /** Changes the secret without a rotation, and tells nobody. */
  change(secretId: string, fields: Partial<DatabaseFields>): void {
    this.fake.put(secretId, { ...this.current(secretId), ...fields })
  }

  /** What AWSCURRENT says. */
  current(secretId: string): DatabaseFields {
    return this.#rotating.read(secretId)
  }
}

function isReading(operation: string): boolean {
  return operation === 'GetSecretValue' || operation === 'BatchGetSecretValue'
}

function watched(client: Client, watch: Watcher): Client {
  return {
    async send(command, options) {
      watch(command.constructor.name.replace(/Command$/, ''), (command as { input: object }).input)
      return client.send(command, options)
    },
  }
}
