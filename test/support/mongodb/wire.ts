import type { Socket } from 'node:net'
import { BSON } from 'mongodb'

/** A document of a command, or of its reply. */
export type Fields = Record<string, unknown>

const opCodes = { reply: 1, query: 2004, message: 2013 }
const headerLength = 16

/** Reads the commands of a client and writes the replies to them, in the wire protocol of MongoDB. */
export function serveCommands(socket: Socket, replyTo: (command: Fields) => Fields): void {
  let received = Buffer.alloc(0)
  socket.on('data', chunk => {
    received = Buffer.concat([received, chunk as Buffer])
    while (received.length >= headerLength && received.length >= received.readInt32LE(0)) {
      const message = received.subarray(0, received.readInt32LE(0))
      received = received.subarray(message.length)
      socket.write(replyMessage(message, replyTo))
    }
  })
}

function replyMessage(message: Buffer, replyTo: (command: Fields) => Fields): Buffer {
  const opCode = message.readInt32LE(12)
  if (opCode === opCodes.message) return packed(message, opCodes.message, messageHead(), replyTo(commandIn(message)))
  // The first `hello` of a connection comes in the older form.
  if (opCode === opCodes.query) return packed(message, opCodes.reply, replyHead(), replyTo(queryIn(message)))
  throw new Error(`The stand-in does not know messages of the kind ${opCode}.`)
}

/** Flags, then sections: the document, and sequences of more of them. */
function commandIn(message: Buffer): Fields {
  let command: Fields = {}
  for (let at = headerLength + 4; at < message.length; ) {
    const kind = message.readUInt8(at)
    const size = message.readInt32LE(at + 1)
    const section = message.subarray(at + 1, at + 1 + size)
    if (kind === 0) command = { ...BSON.deserialize(section), ...command }
    else {
      const nameEnd = section.indexOf(0, 4)
      command[section.toString('utf8', 4, nameEnd)] = documentsIn(section.subarray(nameEnd + 1))
    }
    at += 1 + size
  }
  return command
}

function documentsIn(bytes: Buffer): Fields[] {
  const documents: Fields[] = []
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
    documents.push(BSON.deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))))
  }
  return documents
}

/** Flags, the name of a collection, two numbers, the document. */
function queryIn(message: Buffer): Fields {
  const nameEnd = message.indexOf(0, headerLength + 4)
  return BSON.deserialize(message.subarray(nameEnd + 9))
}

function messageHead(): Buffer {
  return Buffer.alloc(5)
}

/** Flags, cursor, position; and that one document follows. */
function replyHead(): Buffer {
  const head = Buffer.alloc(20)
  head.writeInt32LE(1, 16)
  return head
}

function packed(request: Buffer, opCode: number, head: Buffer, fields: Fields): Buffer {
  const body = Buffer.concat([head, BSON.serialize(fields)])
  const header = Buffer.alloc(headerLength)
  header.writeInt32LE(headerLength + body.length, 0)
  header.writeInt32LE(request.readInt32LE(4), 8)
  header.writeInt32LE(opCode, 12)
  return Buffer.concat([header, body])
}
