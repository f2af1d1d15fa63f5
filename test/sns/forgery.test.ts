import { generateKeyPairSync, sign } from 'node:crypto'
import { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { type FetchCertificate, verifySnsMessage } from '../../src/sns/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { nativeEvent } from '../support/rotation-events.js'
import {
  certificate,
  certificateUrl,
  type Fields,
  notification,
  publishedAt,
  signed,
  signer,
  subscriptionMessage,
  topicArn,
} from '../support/signed-messages.js'
import { makeCertificate } from '../support/x509.js'

const text = JSON.stringify(nativeEvent())
const fields = notification(text, { Subject: 'Rotated' })
const genuine = signed(fields)
const host = 'sns.eu-central-1.amazonaws.com'
const file = 'SimpleNotificationService-0123456789abcdef0123456789abcdef.pem'
const { publicKey } = signer

let connect: MockInstance

beforeEach(() => {
  connect = vi.spyOn(Socket.prototype, 'connect')
})

afterEach(() => {
  expect(connect).not.toHaveBeenCalled()
  connect.mockRestore()
})

/** The code of the refusal, and what was fetched for it. */
async function refusalOf(message: unknown, { pem = certificate, requireSignatureV2 = false } = {}) {
  const fetched: string[] = []
  const fetchCertificate: FetchCertificate = async url => {
    fetched.push(url)
    return pem
  }
  const clock = new ManualClock(publishedAt)
  const options = { topicArns: [topicArn], clock, fetchCertificate, requireSignatureV2 }
  const refusal = await verifySnsMessage(message, options).then(
    () => ({ code: 'none: it was taken' }),
    (error: { code: string; retryable: boolean }) => error,
  )
  return { code: refusal.code, retryable: 'retryable' in refusal && refusal.retryable, fetched }
}

/** With a signature that is good for the fields as they are. */
const resigned = (changes: Fields) => signed({ ...fields, ...changes })
const withUrl = (SigningCertURL: string) => ({ ...genuine, SigningCertURL })
const asJson = (changes: string) => JSON.stringify(genuine).replace('{', `{${changes},`)
const appended = (changes: string) => JSON.stringify(genuine).replace(/\}$/, `,${changes}}`)

describe('refused before anything is fetched', () => {
  it.each<[string, unknown, string]>([
    // The topic: SNS signs for everybody.
    ['the topic of another account', resigned({ TopicArn: topicArn.replace('111122223333', '999988887777') }), 'ERR_SNS_TOPIC'],
    ['the topic of another Region', resigned({ TopicArn: topicArn.replace('eu-central-1', 'eu-west-1') }), 'ERR_SNS_TOPIC'],
    ['the topic of another partition', resigned({ TopicArn: topicArn.replace('arn:aws:', 'arn:aws-cn:') }), 'ERR_SNS_TOPIC'],
    ['a topic whose name begins like ours', resigned({ TopicArn: `${topicArn}s` }), 'ERR_SNS_TOPIC'],
    ['a FIFO topic of our name', resigned({ TopicArn: `${topicArn}.fifo` }), 'ERR_SNS_TOPIC'],
    ['a topic in capitals', resigned({ TopicArn: topicArn.toUpperCase() }), 'ERR_SNS_TOPIC'],
    ['a topic with a Cyrillic letter', resigned({ TopicArn: topicArn.replace('rotations', 'rotаtions') }), 'ERR_SNS_TOPIC'],
    ['a topic in full-width digits', resigned({ TopicArn: topicArn.replace('1111', '１１１１') }), 'ERR_SNS_TOPIC'],
    ['a topic with a zero-width space', resigned({ TopicArn: `${topicArn}\u200b` }), 'ERR_SNS_TOPIC'],
    ['a topic with a space', resigned({ TopicArn: `${topicArn} ` }), 'ERR_SNS_TOPIC'],
    ['a topic with a NUL', resigned({ TopicArn: `${topicArn}\0` }), 'ERR_SNS_TOPIC'],
    ['two topics', resigned({ TopicArn: `${topicArn},${topicArn}` }), 'ERR_SNS_TOPIC'],
    ['the topic "__proto__"', resigned({ TopicArn: '__proto__' }), 'ERR_SNS_TOPIC'],
    ['a list of one topic', { ...genuine, TopicArn: [topicArn] }, 'ERR_SNS_MESSAGE'],
    ['an object that prints as the topic', { ...genuine, TopicArn: { toString: () => topicArn } }, 'ERR_SNS_MESSAGE'],
    ['a String object', { ...genuine, TopicArn: Object(topicArn) }, 'ERR_SNS_MESSAGE'],

    // The text that is signed.
    ['a line feed in the topic', resigned({ TopicArn: `${topicArn}\n` }), 'ERR_SNS_MESSAGE'],
    ['a carriage return in the subject', resigned({ Subject: 'Rotated\rType' }), 'ERR_SNS_MESSAGE'],
    ['a second message in the subject', resigned({ Subject: `x\nTimestamp\ny\nTopicArn\n${topicArn}` }), 'ERR_SNS_MESSAGE'],
    ['half of a character', resigned({ Subject: '\udc00' }), 'ERR_SNS_MESSAGE'],
    ['a list for the message', { ...genuine, Message: [text] }, 'ERR_SNS_MESSAGE'],
    ['an object for the message', { ...genuine, Message: nativeEvent() }, 'ERR_SNS_MESSAGE'],
    ['a number for the id', { ...genuine, MessageId: 1e308 }, 'ERR_SNS_MESSAGE'],
    ['a number for the time', { ...genuine, Timestamp: publishedAt }, 'ERR_SNS_MESSAGE'],
    ['true for the subject', { ...genuine, Subject: true }, 'ERR_SNS_MESSAGE'],
    ['no fields of its own, but inherited ones', { __proto__: null, inherited: genuine }, 'ERR_SNS_MESSAGE'],
    ['fields under __proto__', `{"__proto__":${JSON.stringify(genuine)}}`, 'ERR_SNS_MESSAGE'],
    ['fields under constructor', `{"constructor":{"prototype":${JSON.stringify(genuine)}}}`, 'ERR_SNS_MESSAGE'],
    ['a message in a list', [genuine], 'ERR_SNS_MESSAGE'],
    ['a message in a text', JSON.stringify(JSON.stringify(genuine)), 'ERR_SNS_MESSAGE'],
    ['a message behind a mark of byte order', `\ufeff${JSON.stringify(genuine)}`, 'ERR_SNS_MESSAGE'],
    ['two messages', JSON.stringify(genuine).repeat(2), 'ERR_SNS_MESSAGE'],
    ['a message in UTF-16', Buffer.from(JSON.stringify(genuine), 'utf16le'), 'ERR_SNS_MESSAGE'],
    ['a topic twice, the last a foreign one', appended('"TopicArn":"arn:aws:sns:eu-central-1:999988887777:x"'), 'ERR_SNS_TOPIC'],
    ['a field that is a megabyte long', { ...genuine, Subject: 'x'.repeat(1_000_000) }, 'ERR_SNS_MESSAGE'],
    [
      'fields named in lower case',
      Object.fromEntries(Object.entries(genuine).map(([k, v]) => [k.toLowerCase(), v])),
      'ERR_SNS_MESSAGE',
    ],

    // The type.
    ['a type in lower case', resigned({ Type: 'notification' }), 'ERR_SNS_MESSAGE'],
    ['a type with a Cyrillic letter', resigned({ Type: 'Nоtification' }), 'ERR_SNS_MESSAGE'],
    ['the type "constructor"', resigned({ Type: 'constructor' }), 'ERR_SNS_MESSAGE'],
    ['a list of types', { ...genuine, Type: ['Notification'] }, 'ERR_SNS_MESSAGE'],
    ['a notification that says it asks for a subscription', { ...genuine, Type: 'SubscriptionConfirmation' }, 'ERR_SNS_MESSAGE'],

    // The signature and its version.
    ['version 0', { ...genuine, SignatureVersion: '0' }, 'ERR_SNS_SIGNATURE'],
    ['version 2.0', { ...genuine, SignatureVersion: '2.0' }, 'ERR_SNS_SIGNATURE'],
    ['version " 2"', { ...genuine, SignatureVersion: ' 2' }, 'ERR_SNS_SIGNATURE'],
    ['version "__proto__"', { ...genuine, SignatureVersion: '__proto__' }, 'ERR_SNS_SIGNATURE'],
    ['a number as the version', { ...genuine, SignatureVersion: 2 }, 'ERR_SNS_MESSAGE'],
    ['a list as the version', { ...genuine, SignatureVersion: ['2'] }, 'ERR_SNS_MESSAGE'],
    ['no signature', { ...genuine, Signature: null }, 'ERR_SNS_MESSAGE'],
    ['a list of signatures', { ...genuine, Signature: [genuine.Signature] }, 'ERR_SNS_MESSAGE'],
    ['a signature twice in one', { ...genuine, Signature: `${genuine.Signature}${genuine.Signature}` }, 'ERR_SNS_MESSAGE'],
    [
      'a signature in hexadecimal',
      { ...genuine, Signature: Buffer.from(genuine.Signature!, 'base64').toString('hex').slice(1) },
      'ERR_SNS_MESSAGE',
    ],
    ['a signature without its padding', { ...genuine, Signature: genuine.Signature!.replace(/=+$/, '') }, 'ERR_SNS_MESSAGE'],
    ['a signature with a space', { ...genuine, Signature: ` ${genuine.Signature}` }, 'ERR_SNS_MESSAGE'],
    ['a signature that is a megabyte long', { ...genuine, Signature: 'A'.repeat(1_000_000) }, 'ERR_SNS_MESSAGE'],
  ])('%s', async (_, message, code) => {
    expect(await refusalOf(message)).toEqual({ code, retryable: false, fetched: [] })
  })

  it.each([
    ['another host', `https://evil.example/${file}`],
    ['a host that begins like ours', `https://${host}.evil.example/${file}`],
    ['a host that ends like ours', `https://evil-${host}/${file}`],
    ['a user that looks like the host', `https://${host}@evil.example/${file}`],
    ['a password that looks like the host', `https://x:${host}@evil.example/${file}`],
    ['a user', `https://x@${host}/${file}`],
    ['a host behind a backslash', `https://evil.example\\@${host}/${file}`],
    ['a host behind a fragment', `https://evil.example#@${host}/${file}`],
    ['a host behind a query', `https://evil.example?@${host}/${file}`],
    ['a port', `https://${host}:444/${file}`],
    ['a dot after the host', `https://${host}./${file}`],
    ['an international host', `https://ѕns.eu-central-1.amazonaws.com/${file}`],
    ['its ASCII form', `https://xn--ns-tmc.eu-central-1.amazonaws.com/${file}`],
    ['full stops of another script', `https://sns。eu-central-1。amazonaws。com/${file}`],
    ['full-width letters', `https://ｓｎｓ.eu-central-1.amazonaws.com/${file}`],
    ['a percent sign in the host', `https://%73ns.eu-central-1.amazonaws.com/${file}`],
    ['a tab, which parsers of URLs drop', `https://s\tns.eu-central-1.amazonaws.com/${file}`],
    ['an address of this machine', `https://127.0.0.1/${file}`],
    ['the address of the instance', `http://169.254.169.254/latest/meta-data/${file}`],
    ['no scheme', `//${host}/${file}`],
    ['one slash', `https:/${host}/${file}`],
    ['backslashes', `https:\\\\${host}\\${file}`],
    ['a file of this machine', `file:///etc/ssl/${file}`],
    ['the certificate itself', `data:application/x-pem-file,${encodeURIComponent(certificate)}`],
    ['a script', `javascript:${file}`],
    ['another Region', `https://sns.us-east-1.amazonaws.com/${file}`],
    ['another partition', `https://sns.cn-north-1.amazonaws.com.cn/${file}`],
    ['another service', `https://sqs.eu-central-1.amazonaws.com/${file}`],
    ['a bucket', `https://sns.eu-central-1.amazonaws.com.s3.amazonaws.com/${file}`],
    ['an endpoint that is a bucket', `https://s3.eu-central-1.amazonaws.com/sns/${file}`],
    ['a page that redirects', `https://${host}/redirect?to=https://evil.example/${file}`],
    ['a query', `https://${host}/${file}?x`],
    ['a folder', `https://${host}/x/${file}`],
    ['a folder that leads back', `https://${host}/./${file}`],
    ['a folder that leads back, encoded', `https://${host}/%2e/${file}`],
    ['a file with a NUL', `https://${host}/${file}\0`],
    ['a file with a line break', `https://${host}/${file}\n`],
    ['a file of another kind', `https://${host}/${file.replace('.pem', '.pem.txt')}`],
    ['a file with a letter too many', `https://${host}/${file.replace('-0', '-00')}`],
    ['a file in capitals', `https://${host}/${file.toUpperCase()}`],
    ['a file with a Greek letter', `https://${host}/${file.replace('abc', 'αbc')}`],
    ['white space', `https://${host}/${file} `],
    ['nothing but the host', `https://${host}`],
  ])('a certificate URL with %s', async (_, url) => {
    expect(await refusalOf(withUrl(url))).toEqual({ code: 'ERR_SNS_CERTIFICATE', retryable: false, fetched: [] })
  })

  it.each([
    ['a list', [certificateUrl]],
    ['an object', { href: certificateUrl }],
    ['a URL object', new URL(certificateUrl)],
    ['a number', 7],
    ['nothing', null],
    ['a megabyte', `${certificateUrl}${'x'.repeat(1_000_000)}`],
  ])('%s for the certificate URL', async (_, url) => {
    const message = { ...genuine, SigningCertURL: url }
    expect(await refusalOf(message)).toEqual({ code: 'ERR_SNS_MESSAGE', retryable: false, fetched: [] })
  })

  it('a signature by SHA-1, where version 2 is required, whatever it says of itself', async () => {
    const version1 = signed(fields, { version: '1' })
    expect(await refusalOf(version1, { requireSignatureV2: true })).toEqual({
      code: 'ERR_SNS_SIGNATURE',
      retryable: false,
      fetched: [],
    })
  })
})

describe('refused by its signature, with nothing fetched but the certificate of SNS in the Region of the topic', () => {
  const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const pss = sign('RSA-SHA256', Buffer.from('x'), { key: signer.privateKey, padding: 6 }).toString('base64')
  const confirmation = signed(subscriptionMessage('SubscriptionConfirmation'))

  it.each<[string, unknown]>([
    ['a look-alike in the message', { ...genuine, Message: text.replace('AWSCURRENT', 'АWSCURRENT') }],
    ['the same character in another form', { ...signed(notification('caf\u00e9')), Message: 'cafe\u0301' }],
    ['a message with a space more', { ...genuine, Message: `${text} ` }],
    ['a message twice, the last another', appended('"Message":"forged"')],
    ['a subject twice, the last null', appended('"Subject":null')],
    ['fields of another message', { ...signed(notification('other')), Message: text }],
    ['the signature of another message', { ...genuine, Signature: signed(notification('other')).Signature }],
    ['a later time', { ...genuine, Timestamp: new Date(publishedAt + 1).toISOString() }],
    ['a time of the same meaning', { ...genuine, Timestamp: '2030-01-01T00:00:00Z' }],
    ['another id', { ...genuine, MessageId: `${genuine.MessageId}0` }],
    ['a subject moved into the message', { ...genuine, Subject: undefined, Message: `${text}\nSubject\nRotated` }],
    ['a message that holds the fields that follow it', { ...genuine, Message: `${text}\nMessageId\n${genuine.MessageId}` }],
    ['a subscription message that says it was ended', { ...confirmation, Type: 'UnsubscribeConfirmation' }],
    ['another token', { ...confirmation, Token: 'b'.repeat(200) }],
    ['another URL to visit', { ...confirmation, SubscribeURL: 'https://evil.example/' }],
    ['version 2 signed by SHA-1', { ...signed(fields, { version: '1' }), SignatureVersion: '2' }],
    ['version 1 signed by SHA-256', { ...genuine, SignatureVersion: '1' }],
    ['the key of an attacker', signed(fields, { key: attacker })],
    ['a signature of another padding', { ...genuine, Signature: pss }],
    ['a signature of zeros', { ...genuine, Signature: Buffer.alloc(256).toString('base64') }],
    ['a signature of one', { ...genuine, Signature: Buffer.from([...Buffer.alloc(255), 1]).toString('base64') }],
    ['a signature larger than the modulus', { ...genuine, Signature: Buffer.alloc(256, 0xff).toString('base64') }],
    [
      'a signature that is too long',
      { ...genuine, Signature: Buffer.concat([Buffer.alloc(1), Buffer.from(genuine.Signature!, 'base64')]).toString('base64') },
    ],
    ['a signature that is too short', { ...genuine, Signature: 'AAAA' }],
  ])('%s', async (_, message) => {
    expect(await refusalOf(message)).toEqual({ code: 'ERR_SNS_SIGNATURE', retryable: false, fetched: [certificateUrl] })
  })
})

describe('refused by its certificate', () => {
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey
  const ed25519 = generateKeyPairSync('ed25519').publicKey

  it.each([
    ['another service', makeCertificate({ publicKey, name: 'sqs.amazonaws.com' })],
    ['SNS in a Region that has a name of its own', makeCertificate({ publicKey, name: 'sns-signing.eu-south-2.amazonaws.com' })],
    ['SNS in another partition', makeCertificate({ publicKey, name: 'sns-cn-north-1.amazonaws.com.cn' })],
    ["the endpoint's host", makeCertificate({ publicKey, name: host })],
    ["somebody's domain", makeCertificate({ publicKey, name: 'sns.amazonaws.com.evil.example' })],
    ['a name before ours', makeCertificate({ publicKey, name: 'evil.sns.amazonaws.com' })],
    ['a name with a NUL', makeCertificate({ publicKey, name: 'sns.amazonaws.com\0.evil.example' })],
    ['a name with a Cyrillic letter', makeCertificate({ publicKey, name: 'ѕns.amazonaws.com' })],
    ['all names', makeCertificate({ publicKey, name: '*' })],
    ['all names of AWS', makeCertificate({ publicKey, name: '*.amazonaws.com' })],
    ['names of a form', makeCertificate({ publicKey, name: 's*.amazonaws.com' })],
    ['no name', makeCertificate({ publicKey, name: '' })],
    ['a key for another padding', makeCertificate({ publicKey: pss })],
    ['a key of another kind', makeCertificate({ publicKey: ed25519 })],
    ['a time that is past', makeCertificate({ publicKey, validTo: new Date(publishedAt - 3_600_000) })],
  ])('one made out to %s', async (_, pem) => {
    expect(await refusalOf(genuine, { pem })).toEqual({
      code: 'ERR_SNS_CERTIFICATE',
      retryable: false,
      fetched: [certificateUrl],
    })
  })

  it.each([
    ['a second certificate', certificate + makeCertificate({ publicKey })],
    ['a key before it', `${publicKey.export({ type: 'spki', format: 'pem' })}${certificate}`],
    ['a comment', `# SNS\n${certificate}`],
    ['a page around it', `<pre>${certificate}</pre>`],
    ['an answer of S3 around it', `<?xml version="1.0"?><Error><Key>${certificate}</Key></Error>`],
    ['a header inside it', certificate.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n\n')],
    ['another label', certificate.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
    ['look-alike dashes', certificate.replaceAll('-----', '‐‐‐‐‐')],
    ['a mark of byte order', `\ufeff${certificate}\0`],
    ['a megabyte of white space', certificate + ' '.repeat(1_000_000)],
  ])('an answer with %s', async (_, pem) => {
    expect(await refusalOf(genuine, { pem })).toEqual({
      code: 'ERR_SNS_CERTIFICATE',
      retryable: true,
      fetched: [certificateUrl],
    })
  })
})

it('a genuine message is taken when a field that comes first is there twice: the last one counts, and that is signed', async () => {
  expect(await refusalOf(asJson('"Message":"forged"'))).toMatchObject({ code: 'none: it was taken' })
})
