import { randomUUID } from 'node:crypto'
import { withoutVersion } from './secret-state.js'
import type { SecretStore, StoredSecret } from './secret-store.js'
import { ServiceError } from './service-error.js'

/** A step of a rotation, as Secrets Manager names it when it calls the function. */
export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'

/** What Secrets Manager calls a rotation function with. */
export interface RotationFunctionEvent {
  /** The step that the function is to take. */
  Step: RotationStep
  /** The full ARN of the secret. */
  SecretId: string
  /** The id of the version in the making. */
  ClientRequestToken: string
  /** What the service lets the function write by. Confidential. */
  RotationToken: string
}

/** A rotation that RotateSecret began. */
export interface FakeRotation {
  /** The full ARN of the secret. */
  readonly arn: string
  /** The id of the version in the making. */
  readonly versionId: string
  /** How far it is. */
  readonly status: 'running' | 'succeeded' | 'failed'
  /** The step that runs, ran last or failed. */
  readonly step?: RotationStep
  /** What the failed step threw. */
  readonly error?: unknown
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

const stepsOf: Readonly<Record<'rotate' | 'test', readonly RotationStep[]>> = {
  rotate: ['createSecret', 'setSecret', 'testSecret', 'finishSecret'],
  test: ['testSecret'],
}

/** Calls the rotation function behind the answers of RotateSecret, as the service does. */
export class Rotations {
  readonly log: FakeRotation[] = []
  readonly #running = new Map<string, Promise<void>>()
  readonly #function: ((event: RotationFunctionEvent) => unknown) | undefined
  readonly #store: SecretStore
  readonly #now: () => number

  constructor(rotationFunction: ((event: RotationFunctionEvent) => unknown) | undefined, store: SecretStore, now: () => number) {
    this.#function = rotationFunction
    this.#store = store
    this.#now = now
  }

  requireFunction(): void {
    if (this.#function !== undefined) return
    throw new ServiceError(
      'AccessDeniedException',
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
    )
  }

  start(secret: StoredSecret, versionId: string, what: 'rotate' | 'test'): void {
    const run = this.#run(secret, versionId, what).finally(() => this.#running.delete(versionId))
    this.#running.set(versionId, run)
  }

  /** Starts a failed rotation again, with the version that it left behind. */
  resume(secret: StoredSecret, versionId: string): void {
    if (this.#function !== undefined && !this.#running.has(versionId)) this.start(secret, versionId, 'rotate')
  }

  /** Resolves when no rotation runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  async #run(secret: StoredSecret, versionId: string, what: 'rotate' | 'test'): Promise<void> {
    const rotation: Mutable<FakeRotation> = { arn: secret.arn, versionId, status: 'running' }
    this.log.push(rotation)
    const call = { SecretId: secret.arn, ClientRequestToken: versionId, RotationToken: randomUUID() }
    try {
      for (const step of stepsOf[what]) {
        rotation.step = step
        // Also keeps the first step behind the answer of RotateSecret.
        await Promise.resolve()
        await this.#function?.({ Step: step, ...call })
      }
      if (what === 'rotate') this.#complete(secret, versionId)
      rotation.status = 'succeeded'
    } catch (error) {
      rotation.status = 'failed'
      rotation.error = error
    } finally {
      if (what === 'test') this.#store.change(secret, withoutVersion(secret.state, versionId))
    }
  }

  #complete(secret: StoredSecret, versionId: string): void {
    if (secret.state.labels.get('AWSCURRENT') !== versionId) {
      throw new Error(`finishSecret returned, but AWSCURRENT is not attached to version ${versionId}.`)
    }
    if (secret.rotation !== undefined) secret.rotation.lastMs = this.#now()
  }
}
