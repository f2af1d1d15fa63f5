import { withoutRequest } from '../core/failures/quoted-request.js'
import type { SecretValue } from '../core/secrets/source.js'
import type { HttpAnswer } from './connection.js'

/** The error of a malformed response, or of an exception, with the fields of an SDK error. It repeats no part of the body but its message. */
class AnswerError extends Error {
  override readonly name: string
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: unknown }

  constructor({ status, headers }: HttpAnswer, message: string, name = 'Error') {
    super(message)
    this.name = name
    this.$metadata = { httpStatusCode: status, requestId: headers['x-amzn-requestid'] }
  }
}

/** The JSON object of a response, or the error that it means. */
export function read(answer: HttpAnswer): object | AnswerError {
  const output = parse(answer.body)
  if (answer.status !== 200) return exceptionIn(answer, output)
  return output ?? new AnswerError(answer, 'The response is not a JSON object.')
}

/** One secret in AWS JSON 1.1: a date as seconds since the epoch, bytes in base64. */
export interface WireSecret {
  ARN: string
  Name: string
  VersionId: string
  VersionStages?: string[]
  CreatedDate?: number
  SecretString?: string
  SecretBinary?: string
}

/** Reads one secret. The cache reports missing members and wrong types, as for every source. */
export function secretFromWire(wire: WireSecret): SecretValue {
  const { ARN: arn, Name: name, VersionId: versionId, VersionStages: versionStages = [], CreatedDate, SecretBinary } = wire
  return {
    arn,
    name,
    versionId,
    versionStages,
    ...(CreatedDate !== undefined && { createdDate: new Date(Math.round(CreatedDate * 1_000)) }),
    ...(SecretBinary === undefined ? { string: wire.SecretString as string } : { binary: Buffer.from(SecretBinary, 'base64') }),
  }
}

/** If the name of an exception is malformed, only the HTTP status is repeated. */
function exceptionIn(answer: HttpAnswer, output: Record<string, unknown> = {}): AnswerError {
  const { __type, code, message, Message = message } = output
  const type = String(answer.headers['x-amzn-errortype'] ?? __type ?? code)
  // The name may stand between a namespace and a URL: `com.amazonaws#AccessDeniedException:http://…`.
  const [, name] = /^(?:[\w.]+#)?([A-Z]\w+)(?::.*)?$/.exec(type) ?? []
  return new AnswerError(answer, name === undefined ? `HTTP ${answer.status}` : withoutRequest(String(Message ?? '')), name)
}

/** The JSON object of a body, without members that are null. V8's error would quote the text, so it is dropped. */
function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body, (_, member) => member ?? undefined)
    return typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
