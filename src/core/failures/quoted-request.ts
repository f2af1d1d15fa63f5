/** The service quotes, below its first line, a request whose signature is wrong: with all headers, the session token among them. */
const quotedRequest = /\s*([\r\n]|The Canonical String|(?<=x-amz-security-token)).*/is

const longestMessage = 1_000

/** The beginning of a foreign message, without the request that it may quote. */
export function withoutRequest(message: string): string {
  // First shortened: over endless white space the pattern would take its time.
  return message.trimStart().slice(0, longestMessage).replace(quotedRequest, '')
}
