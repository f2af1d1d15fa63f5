import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

const iterations = 4096

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The server's side of one login by SCRAM-SHA-256 (RFC 7677). */
export class ScramLogin {
  readonly username: string
  /** What the client is told first. */
  readonly challenge: string
  readonly #salt: Buffer = randomBytes(16)
  readonly #firstOfClient: string

  constructor(firstMessage: string) {
    this.#firstOfClient = firstMessage.slice('n,,'.length)
    const { n = '', r = '' } = partsOf(this.#firstOfClient)
    this.username = n
    this.challenge = `r=${r}${randomBytes(18).toString('base64')},s=${this.#salt.toString('base64')},i=${iterations}`
  }

  /** What the client is told at last; undefined if the password that it knows is another. */
  verdict(finalMessage: string, password: string): string | undefined {
    const { p = '' } = partsOf(finalMessage)
    const salted = pbkdf2Sync(password, this.#salt, iterations, 32, 'sha256')
    const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest()
    const all = [this.#firstOfClient, this.challenge, finalMessage.slice(0, finalMessage.lastIndexOf(',p='))].join(',')
    const signature = hmac(storedKey, all)
    const clientKey = Buffer.from(p, 'base64').map((byte, at) => byte ^ (signature[at] ?? 0))
    if (!timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey)) return undefined
    return `v=${hmac(hmac(salted, 'Server Key'), all).toString('base64')}`
  }
}

function partsOf(message: string): Record<string, string> {
  return Object.fromEntries(message.split(',').map(part => [part.slice(0, 1), part.slice(2)]))
}
