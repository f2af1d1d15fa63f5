import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { downloadCertificate } from '../../src/sns/download-certificate.js'

const serve = async (answer: RequestListener) => {
  const paths: (string | undefined)[] = []
  const server = createServer((request, response) => {
    paths.push(request.url)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/certificate.pem`, paths }
}
const download = (url: string, signal = new AbortController().signal) => downloadCertificate(url, { signal })

test('the text of a certificate is fetched', async () => {
  const { url } = await serve((_, response) => response.end('-----BEGIN CERTIFICATE-----'))
  await expect(download(url)).resolves.toBe('-----BEGIN CERTIFICATE-----')
})

test('the request says who asks', async () => {
  const { url } = await serve((request, response) => response.end(request.headers['user-agent']))
  await expect(download(url)).resolves.toBe('awscurrent')
})

test('as much is read as any certificate has, and no more', async () => {
  const { url } = await serve((_, response) => response.end('x'.repeat(16_384)))
  await expect(download(url)).resolves.toHaveLength(16_384)
  const { url: longer } = await serve((_, response) => response.end('x'.repeat(16_385)))
  await expect(download(longer)).rejects.toThrow('The response is too long to be a certificate.')
})

test('a redirect is not followed', async () => {
  const { url, paths } = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end())
  await expect(download(url)).rejects.toThrow()
  expect(paths).toEqual(['/certificate.pem'])
})

test.each([204, 403, 404, 500, 503])('the status %i is a failure', async status => {
  const { url } = await serve((_, response) => response.writeHead(status).end())
  await expect(download(url)).rejects.toMatchObject({ message: `HTTP ${status}`, $metadata: { httpStatusCode: status } })
})

test('an endless body is given up', async () => {
  let sent = 0
  const { url } = await serve((_, response) => {
    const write = (): void => {
      sent += 1
      if (!response.destroyed) response.write('x'.repeat(1_000), write)
    }
    write()
  })
  await expect(download(url)).rejects.toThrow(RangeError)
  expect(sent).toBeLessThan(100_000)
})

test('an answer that does not come ends with the signal', async () => {
  const stop = new AbortController()
  const { url } = await serve(() => stop.abort())
  await expect(download(url, stop.signal)).rejects.toThrow(/abort/i)
})
