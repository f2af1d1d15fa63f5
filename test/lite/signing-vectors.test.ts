import { createHash } from 'node:crypto'
import { sign } from 'aws4'
import { expect, it } from 'vitest'
import { keys } from './support.js'

/*
 * The vectors of the AWS signing test suite (aws-c-auth, v4, by headers), as far as they can happen to a call of liteSource. Left out:
 * the six named "unnormalized", which are for services that take a path as it is; the three whose path is not percent-encoded, as that of
 * a URL always is; and the one whose session token is added after signing: liteSource signs it.
 */

const session =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const form = 'application/x-www-form-urlencoded'
const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'
const posted = '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'
const postedQuery = '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11'

interface Rest {
  headers?: Record<string, string>
  body?: string
  sessionToken?: string
}

it.each<[name: string, request: string, signature: string, rest?: Rest]>([
  ['get-vanilla', 'GET /', vanilla],
  ['get-vanilla-query', 'GET /', vanilla],
  ['get-relative-normalized', 'GET /example/..', vanilla],
  ['get-relative-relative-normalized', 'GET /example1/example2/../..', vanilla],
  ['get-slash-dot-slash-normalized', 'GET /./', vanilla],
  ['get-slash-normalized', 'GET //', vanilla],
  ['get-slash-pointless-dot-normalized', 'GET /./example', 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5'],
  ['get-slashes-normalized', 'GET //example//', '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84'],
  ['get-unreserved', `GET /${unreserved}`, '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f'],
  ['get-vanilla-empty-query-key', 'GET /?Param1=value1', 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb'],
  [
    'get-vanilla-query-order-encoded',
    'GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
    '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
  ],
  [
    'get-vanilla-query-order-key-case',
    'GET /?Param2=value2&Param1=value1',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-unreserved',
    `GET /?${unreserved}=${unreserved}`,
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  ],
  ['get-vanilla-utf8-query', 'GET /?ሴ=bar', '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04'],
  [
    'get-vanilla-with-session-token',
    'GET /',
    '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
    { sessionToken: '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267' },
  ],
  [
    'get-header-key-duplicate',
    'GET /',
    'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
    { headers: { 'My-Header1': 'value2,value2,value1' } },
  ],
  [
    'get-header-value-multiline',
    'GET /',
    'cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd',
    { headers: { 'My-Header1': 'value1\n  value2\n     value3' } },
  ],
  [
    'get-header-value-order',
    'GET /',
    '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
    { headers: { 'My-Header1': 'value4,value1,value3,value2' } },
  ],
  [
    'get-header-value-trim',
    'GET /',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    { headers: { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' } },
  ],
  ['post-vanilla', 'POST /', posted],
  ['post-header-key-case', 'POST /', posted],
  ['post-vanilla-query', 'POST /?Param1=value1', postedQuery],
  ['post-vanilla-empty-query-value', 'POST /?Param1=value1', postedQuery],
  [
    'post-header-key-sort',
    'POST /',
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    { headers: { 'My-Header1': 'value1' } },
  ],
  [
    'post-header-value-case',
    'POST /',
    'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
    { headers: { 'My-Header1': 'VALUE1' } },
  ],
  [
    'post-sts-header-before',
    'POST /',
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    { sessionToken: session },
  ],
  [
    'post-x-www-form-urlencoded',
    'POST /',
    'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
    { headers: { 'Content-Type': form, 'Content-Length': '13' }, body: 'Param1=value1' },
  ],
  [
    'post-x-www-form-urlencoded-parameters',
    'POST /',
    '328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422',
    { headers: { 'Content-Type': `${form}; charset=utf-8`, 'Content-Length': '13' }, body: 'Param1=value1' },
  ],
])('the signer that liteSource uses signs the vector %s as AWS does', (_, line, signature, rest = {}) => {
  const [method = '', path = ''] = line.split(' ')
  const { headers, body, sessionToken } = rest
  const hash = body === undefined ? {} : { 'X-Amz-Content-Sha256': createHash('sha256').update(body).digest('hex') }
  const request = {
    method,
    path,
    service: 'service',
    region: 'us-east-1',
    headers: { Host: 'example.amazonaws.com', 'X-Amz-Date': '20150830T123600Z', ...hash, ...headers },
    ...(body !== undefined && { body }),
  }
  const credentials = {
    accessKeyId: keys.AWS_ACCESS_KEY_ID,
    secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
    ...(sessionToken !== undefined && { sessionToken }),
  }
  expect(sign(request, credentials).headers?.Authorization).toMatch(new RegExp(`Signature=${signature}$`))
})
