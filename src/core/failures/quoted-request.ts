/** The service quotes, below its first line, a request whose signature is wrong: with all headers, the session token among them. */
const quotedRequest = /[\r\n]|The Canonical String|(x-amz-security-token)/i

const longestMessage = 1_000

/** The beginning of a foreign message, without the request that it may quote: the header's name stays, to say what is left out. */
export function withoutRequest(message: string): string {
  const beginning = message.trimStart().slice(0, longestMessage)
  const found = quotedRequest.exec(beginning)
  if (found === null) return beginning
  const { index, 1: name = '' } = found
  return beginning.slice(0, index + name.length).trimEnd()
}
