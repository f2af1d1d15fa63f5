import { type SecretsManagerClient, SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager'
import type { FakeFault, FakeSecretsManager } from 'awscurrent/testing'
import type { Trouble } from './state.js'

const words: Record<Trouble, { begins: string; ends: string }> = {
  outage: { begins: 'Secrets Manager is down', ends: 'Secrets Manager is back' },
  throttling: { begins: 'Secrets Manager throttles every read', ends: 'Secrets Manager no longer throttles' },
  deniedPending: { begins: 'IAM denies AWSPENDING to both services', ends: 'IAM allows AWSPENDING again' },
  lostEvents: { begins: 'rotation events are lost from now on', ends: 'rotation events arrive again' },
}

const faults: Partial<Record<Trouble, FakeFault>> = {
  outage: { error: 'ServiceUnavailableException', status: 503, message: 'Secrets Manager is down.' },
  throttling: { operation: 'GetSecretValue', error: 'ThrottlingException' },
}

/** Begins and ends troubles. */
export class Troubles {
  readonly #fake: FakeSecretsManager
  readonly #tell: (what: string) => void
  readonly #endings = new Map<Trouble, () => void>()

  constructor(fake: FakeSecretsManager, tell: (what: string) => void) {
    this.#fake = fake
    this.#tell = tell
  }

  has(trouble: Trouble): boolean {
    return this.#endings.has(trouble)
  }

  /** Whether Secrets Manager cannot carry out a rotation. */
  get stopRotations(): boolean {
    return this.has('outage') || this.has('throttling')
  }

  /** Begins it if it is over, and ends it otherwise. */
  toggle(trouble: Trouble): void {
    const end = this.#endings.get(trouble)
    if (end === undefined) {
      const fault = faults[trouble]
      this.#endings.set(trouble, fault === undefined ? () => {} : this.#fake.inject(fault))
      this.#tell(words[trouble].begins)
    } else {
      end()
      this.#endings.delete(trouble)
      this.#tell(words[trouble].ends)
    }
  }

  /** Has a service's client meet what IAM says to it. The rotation function has a role of its own, which may read AWSPENDING. */
  applyTo(client: SecretsManagerClient): void {
    client.middlewareStack.add(
      next => async args => {
        if (this.has('deniedPending') && Reflect.get(args.input, 'VersionStage') === 'AWSPENDING') {
          const message = 'User: demo is not authorized to perform: secretsmanager:GetSecretValue'
          throw new SecretsManagerServiceException({
            name: 'AccessDeniedException',
            message,
            $fault: 'client',
            $metadata: { httpStatusCode: 400 },
          })
        }
        return next(args)
      },
      { step: 'initialize' },
    )
  }
}
