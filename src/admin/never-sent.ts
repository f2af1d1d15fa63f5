/** What a connection fails by before anything goes over it: its address, its partner's refusal, or the partner's certificate. */
const connectCodes = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$|CERT|VERIFY_LEAF/

/** The same without a code of its own: of Node, and of the SDK's handler. */
const connectMessages = /before secure TLS connection was established|establish(ing)? a connection/

/** Whether an error says that its request was never sent. Never throws, whatever a getter does. */
export function isNeverSent(thrown: unknown): boolean {
  try {
    const { cause, errors } = Object(thrown) as { cause?: unknown; errors?: unknown }
    // The SDK may wrap it; of several addresses that were tried, all have failed.
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
