import { randomUUID } from 'node:crypto'

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'

/** Translates between the ids of one replay and the names that a recording has for them. */
export class Names {
  readonly #names = new Map<string, string>([[functionArn, '<function>']])

  /** The input that a recording means. */
  resolve(recorded: object): Record<string, unknown> {
    const read = (_: string, value: unknown): unknown => (typeof value === 'string' ? this.#idOf(value) : value)
    return JSON.parse(JSON.stringify(recorded), read) as Record<string, unknown>
  }

  /** Names the ids of an answer. */
  learn({ ARN, VersionId }: Readonly<Record<string, unknown>>): void {
    if (typeof ARN === 'string') this.#add(ARN, 'arn')
    if (typeof VersionId === 'string') this.#add(VersionId, 'v')
  }

  /** An answer as a recording has it. */
  describe(answer: object): unknown {
    let text = JSON.stringify(answer, (member, value: unknown) => {
      if (member.endsWith('Date')) return '<date>'
      if (value instanceof Uint8Array) return `base64:${Buffer.from(value).toString('base64')}`
      return isTexts(value) ? [...value].sort() : value
    })
    for (const [id, name] of this.#names) text = text.replaceAll(id, name)
    return JSON.parse(text)
  }

  #add(id: string, kind: 'arn' | 'v'): void {
    if (this.#names.has(id)) return
    const count = [...this.#names.values()].filter(name => name.startsWith(`<${kind}`)).length + 1
    if (kind === 'v') this.#names.set(id, `<v${count}>`)
    else this.#names.set(id, count === 1 ? '<arn>' : `<arn ${count}>`)
  }

  #idOf(value: string): unknown {
    if (value.startsWith('base64:')) return Uint8Array.from(Buffer.from(value.slice('base64:'.length), 'base64'))
    if (value === '<partial arn>') return this.#idNamed('<arn>').slice(0, -7)
    return /^<.+>$/.test(value) ? this.#idNamed(value) : value
  }

  /** A version that is named before it exists is one that a token is to make, or that does not exist. */
  #idNamed(name: string): string {
    const [known] = [...this.#names].find(([, other]) => other === name) ?? []
    const id = known ?? randomUUID()
    this.#names.set(id, name)
    return id
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}
