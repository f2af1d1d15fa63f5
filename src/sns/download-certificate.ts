/** Far longer than any certificate of SNS. */
const longestBody = 16_384

/** Downloads a certificate with a plain GET, without redirects and up to a limited number of bytes. */
export async function downloadCertificate(url: string, { signal }: { signal: AbortSignal }): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal, headers: { 'user-agent': 'awscurrent' } })
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel()
    throw Object.assign(new Error(`HTTP ${response.status}`), { $metadata: { httpStatusCode: response.status } })
  }
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop early cancels the rest of the body.
  for await (const chunk of response.body) {
    length += chunk.length
    if (length > longestBody) throw new RangeError('The response is too long to be a certificate.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('latin1')
}
