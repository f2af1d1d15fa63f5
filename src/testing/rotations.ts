import { randomUUID } from 'node:crypto'
import { withoutVersion } from './secret-state.js'
import type { SecretStore, StoredSecret } from './secret-store.js'
import { ServiceError } from './service-error.js'

/** A step of a rotation, as Secrets Manager names it when it calls the function. */
export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'

/** The event with which Secrets Manager calls a rotation function. */
export interface RotationFunctionEvent {
  /** The step to carry out. */
  Step: RotationStep
  /** The full ARN of the secret. */
  SecretId: string
  /** The id of the new version. */
  ClientRequestToken: string
  /** The token with which the function may write the new version. Confidential. */
  RotationToken: string
}

/** A rotation that RotateSecret has started. */
export interface FakeRotation {
  /** The full ARN of the secret. */
  readonly arn: string
  /** The id of the new version. */
  readonly versionId: string
  /** The status of the rotation. */
  readonly status: 'running' | 'succeeded' | 'failed'
  /** The current step, the last one, or the one that failed. */
  readonly step?: RotationStep
  /** What the failed step threw. */
  readonly error?: unknown
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

const stepsOf: Readonly<Record<'rotate' | 'test', readonly RotationStep[]>> = {
  rotate: ['createSecret', 'setSecret', 'testSecret', 'finishSecret'],
  test: ['testSecret'],
}

/** Calls the rotation function after RotateSecret has returned, as the service does. */
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

  /** Restarts a failed rotation with the version that it left behind. */
  resume(secret: StoredSecret, versionId: string): void {
    if (this.#function !== undefined && !this.#running.has(versionId)) this.start(secret, versionId, 'rotate')
  }

  /** Resolves when no rotation is running. */
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
        // This also delays the first step until RotateSecret has returned.
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
