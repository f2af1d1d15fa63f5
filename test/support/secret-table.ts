import type { SecretRequest, SecretSource, SecretValue } from '../../src/index.js'

/** A secret as a test writes it: its ARN decides everything else. */
export interface TableRow {
  arn: string
  versionId: string
  /** The secret's text. @default the version's id */
  text?: string
}

/**
 * A service whose ARNs the test chooses: another account's, another Region's, or one that looks like another secret's name.
 * It finds a secret by its full ARN first, then by its name, then by its partial ARN.
 */
export class SecretTable implements SecretSource {
  /** Every request, the oldest first. */
  readonly asked: SecretRequest[] = []
  readonly ownAccount: string
  #rows: TableRow[]

  constructor(rows: TableRow[], ownAccount = '123456789012') {
    this.#rows = rows
    this.ownAccount = ownAccount
  }

  /** Puts a version in the place of the one that the secret has, or adds the secret. */
  set(row: TableRow): void {
    this.#rows = [...this.#rows.filter(({ arn }) => arn !== row.arn), row]
  }

  /** Takes a secret away. */
  remove(arn: string): void {
    this.#rows = this.#rows.filter(row => row.arn !== arn)
  }

  /** How many requests there were for these ids, or for any. */
  count(...secretIds: string[]): number {
    return this.asked.filter(({ secretId }) => secretIds.length === 0 || secretIds.includes(secretId)).length
  }

  async get(request: SecretRequest): Promise<SecretValue> {
    this.asked.push(request)
    const row = this.#find(request.secretId)
    if (row === undefined) throw Object.assign(new Error('There is none.'), { name: 'ResourceNotFoundException' })
    const { arn, versionId, text = versionId } = row
    return { arn, name: nameOf(arn), versionId, versionStages: [request.versionStage ?? 'AWSCURRENT'], string: text }
  }

  #find(secretId: string): TableRow | undefined {
    const own = this.#rows.filter(({ arn }) => arn.split(':')[4] === this.ownAccount)
    return (
      this.#rows.find(({ arn }) => arn === secretId) ??
      own.find(({ arn }) => nameOf(arn) === secretId) ??
      this.#rows.find(({ arn }) => arn.slice(0, -'-AbCdEf'.length) === secretId)
    )
  }
}

function nameOf(arn: string): string {
  return arn.slice(arn.indexOf(':secret:') + ':secret:'.length, -'-AbCdEf'.length)
}
