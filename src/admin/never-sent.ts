/** Codes of a connection that failed before anything was sent: by its address, by a refusal, or by the certificate of the server. */
const connectCodes = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$|CERT|VERIFY_LEAF/

/** Messages of such failures without a code: of Node, and of the SDK's request handler. */
const connectMessages = /before secure TLS connection was established|establish(ing)? a connection/

/** Whether an error shows that its request was never sent. Never throws, even if a getter does. */
export function isNeverSent(thrown: unknown): boolean {
  try {
    const { cause, errors } = Object(thrown) as { cause?: unknown; errors?: unknown }
    // The SDK may wrap the error; if several addresses were tried, all of them have failed.
    return [thrown, cause, ...(Array.isArray(errors) ? errors : [])].some(isOfConnecting)
  } catch {
    return false
  }
}

function isOfConnecting(error: unknown): boolean {
  const { syscall, code, message } = Object(error) as { syscall?: unknown; code?: unknown; message?: unknown }
  return (
    syscall === 'connect' || syscall === 'getaddrinfo' || connectCodes.test(String(code)) || connectMessages.test(String(message))
  )
}
