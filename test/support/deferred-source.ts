import type { SecretRequest, SecretSource } from '../../src/index.js'

/** A request that waits for the test to settle it. */
export interface DeferredRequest {
  readonly request: SecretRequest
  /** Answers with a version; its value is the version's name. */
  answer(version: string, name?: string): Promise<void>
  fail(error?: Error): Promise<void>
}

/** A source whose requests are settled by hand, so that a test can spell out every interleaving. */
export class DeferredSource implements SecretSource {
  /** Every request that was sent, the oldest first. */
  readonly sent: DeferredRequest[] = []

  /** The n-th request that was sent, once it was. */
  async request(number: number): Promise<DeferredRequest> {
    await settled()
    const sent = this.sent[number - 1]
    if (sent === undefined) throw new Error(`Only ${this.sent.length} requests were sent.`)
    return sent
  }

  get(request: SecretRequest): ReturnType<SecretSource['get']> {
    return new Promise((resolve, reject) => {
      this.sent.push({
        request,
        answer(version, name = 'secret') {
          const arn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`
          resolve({ arn, name, versionId: version, versionStages: ['AWSCURRENT'], string: version })
          return settled()
        },
        fail(error = new Error('down')) {
          reject(error)
          return settled()
        },
      })
    })
  }
}

/** Lets everything happen that needs no time. */
export function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
