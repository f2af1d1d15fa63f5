import type { Readable } from 'node:stream'

// The start of a connection in the protocol of PostgreSQL: https://www.postgresql.org/docs/current/protocol-message-formats.html

/** Asks for TLS, in place of a startup message. */
export const sslRequestCode = 80_877_103

/** An error that ends a connection. */
export interface FatalError {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** The code and the parameters of a first message, such as `user` and `database`, and the message itself. */
export interface StartupMessage {
  readonly code: number
  readonly parameters: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

/** Reads the first message of a connection, which has no type. */
export async function readStartup(from: Readable): Promise<StartupMessage> {
  const head = await readBytes(from, 4)
  const body = await readBytes(from, head.readInt32BE(0) - 4)
  const texts = body.toString('utf8', 4).split('\0')
  const parameters: Record<string, string> = {}
  for (let at = 0; at + 1 < texts.length && texts[at] !== ''; at += 2) parameters[texts[at]!] = texts[at + 1]!
  return { code: body.readInt32BE(0), parameters, bytes: Buffer.concat([head, body]) }
}

/** Reads a message of a type, and returns what follows its length. */
export async function readMessage(from: Readable, type: string): Promise<Buffer> {
  const head = await readBytes(from, 5)
  const body = await readBytes(from, head.readInt32BE(1) - 4)
  const read = head.toString('latin1', 0, 1)
  if (read !== type) throw new Error(`A message of the type ${read} came in place of ${type}.`)
  return body
}

/** Asks for the password in clear text. */
export const cleartextPassword: Buffer = message('R', Buffer.from([0, 0, 0, 3]))

export function passwordMessage(password: string): Buffer {
  return message('p', Buffer.from(`${password}\0`))
}

export function fatal({ code, message: text, hint }: FatalError): Buffer {
  const fields = ['SFATAL', 'VFATAL', `C${code}`, `M${text}`, ...(hint === undefined ? [] : [`H${hint}`])]
  return message('E', Buffer.from(`${fields.join('\0')}\0\0`))
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

/** Leaves what follows in the stream. Rejects if it ends before. */
async function readBytes(from: Readable, size: number): Promise<Buffer> {
  for (;;) {
    if (size === 0) return Buffer.alloc(0)
    const bytes: Buffer | null = from.read(size)
    if (bytes?.length === size) return bytes
    if (from.readableEnded || from.destroyed) throw new Error('The connection has ended.')
    await new Promise<void>(resolve => {
      const goOn = (): void => {
        for (const event of ['readable', 'end', 'close']) from.removeListener(event, goOn)
        resolve()
      }
      for (const event of ['readable', 'end', 'close']) from.on(event, goOn)
    })
  }
}
