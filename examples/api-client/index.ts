// An HTTP API with a key: there is no connection to keep, so `withSecret` is all that it takes.
import { SecretCache } from 'awscurrent'

const secretId = process.env.SECRET_ID ?? 'prod/api-key'
const api = process.env.API_URL ?? 'https://api.example.com'
export const secrets: SecretCache = new SecretCache()

class HttpError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`The API answers ${status}.`)
    this.status = status
  }
}

/** If the key is refused, the secret is read again, once for all calls at the time; if there is a newer one, the call is made again. */
export function listInvoices(): Promise<unknown> {
  return secrets.withSecret(
    secretId,
    async key => {
      const response = await fetch(`${api}/invoices`, { headers: { authorization: `Bearer ${key.text()}` } })
      if (!response.ok) throw new HttpError(response.status)
      return response.json()
    },
    { isAuthError: error => error instanceof HttpError && error.status === 401 },
  )
}
