/** For an invalid signature, the service quotes the request below its first line: with all headers, including the session token. */
const quotedRequest = /[\r\n]|The Canonical String|(x-amz-security-token)/i

const longestMessage = 1_000

/** The beginning of a foreign message, without a quoted request. The name of the header stays, to show what was left out. */
export function withoutRequest(message: string): string {
  const beginning = message.trimStart().slice(0, longestMessage)
  const found = quotedRequest.exec(beginning)
  if (found === null) return beginning
  const { index, 1: name = '' } = found
  return beginning.slice(0, index + name.length).trimEnd()
}
