import { settled } from './deferred-source.js'

/** A call that waits for the test to settle it. */
export interface DeferredCall {
  /** `GetSecretValue`, `PutSecretValue` … */
  readonly operation: string
  readonly input: Readonly<Record<string, unknown>>
  /** Answers with a version; the value that is read is the version's name. */
  answer(version: string, output?: object): Promise<void>
  fail(name?: string): Promise<void>
}

/** A client whose calls, reads and writes alike, are settled by hand, so that a test can spell out every interleaving. */
export class DeferredClient {
  /** Every call that was sent, the oldest first. */
  readonly sent: DeferredCall[] = []

  send(command: { input: object }): Promise<unknown> {
    const operation = command.constructor.name.replace(/Command$/, '')
    const input = command.input as Record<string, unknown>
    const id = String(input.SecretId ?? input.Name)
    const name = id.startsWith('arn:') ? id.slice(id.indexOf('secret:') + 'secret:'.length, -'-AbCdEf'.length) : id
    const ARN = id.startsWith('arn:') ? id : arnOf(name)
    return new Promise((resolve, reject) => {
      this.sent.push({
        operation,
        input,
        answer(version, output) {
          const value = operation === 'GetSecretValue' ? { SecretString: version } : {}
          const VersionStages = input.VersionStages ?? [input.VersionStage ?? 'AWSCURRENT']
          resolve({ ARN, Name: name, VersionId: version, VersionStages, ...value, ...output })
          return settled()
        },
        fail(error = 'InternalServiceError') {
          reject(Object.assign(new Error(`It failed by ${error}.`), { name: error }))
          return settled()
        },
      })
    })
  }

  /** Answers the call that was sent last, once it was. */
  async answerLast(version: string): Promise<void> {
    await settled()
    await (await this.call(this.sent.length)).answer(version)
  }

  /** The n-th call, once it was sent. */
  async call(number: number): Promise<DeferredCall> {
    await settled()
    const sent = this.sent[number - 1]
    if (sent === undefined) throw new Error(`Only ${this.sent.length} calls were sent.`)
    return sent
  }
}

/** The ARN of a secret of the client's own account. */
export function arnOf(name: string, account = '123456789012'): string {
  return `arn:aws:secretsmanager:eu-west-1:${account}:secret:${name}-AbCdEf`
}
