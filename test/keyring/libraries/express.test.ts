import cookieParser from 'cookie-parser'
import cookieSession from 'cookie-session'
import express, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import { expect, it } from 'vitest'
import { ringed, signAfterMs } from '../ringed.js'
import { itFollows } from './behaviours.js'
import { overHttp } from './over-http.js'

declare module 'express-session' {
  interface SessionData {
    value: unknown
  }
}

/** An application that keeps the value in its session. */
function withSessions(sessions: RequestHandler): Express {
  return express()
    .use(sessions)
    .get('/sign', (request, response) => {
      request.session.value = request.query.value
      response.end()
    })
    .get('/verify', (request, response) => {
      response.end(request.session.value)
    })
}

itFollows('express-session', ({ ring }) =>
  overHttp(withSessions(session({ secret: ring.keys, resave: false, saveUninitialized: false }))),
)

itFollows('cookie-session', ({ ring }) => overHttp(withSessions(cookieSession({ keys: ring.keys }))))

it('cookie-session signs again what was signed with the previous key, when it is read', async () => {
  const { ring, clock, rotate } = await ringed()
  const app = withSessions(cookieSession({ keys: ring.keys }))
  const library = await overHttp(app)
  const signed = await library.sign('ann')
  await rotate('fresh')
  await clock.advance(signAfterMs)
  const reading = await overHttp((request, response) => {
    Object.assign(request.headers, { cookie: signed })
    app(Object.assign(request, { url: '/verify' }), response)
  })
  const [value, signature] = [signed.split('; ')[0], await reading.sign('')]
  await rotate('newest')
  expect([await library.verify(signed), await library.verify(`${value}; ${signature}`)]).toEqual([undefined, 'ann'])
  await Promise.all([library.close?.(), reading.close?.()])
})

itFollows('cookie-parser', ({ ring }) =>
  overHttp(
    express()
      .use(cookieParser(ring.keys))
      .get('/sign', (request, response) => {
        response.cookie('value', request.query.value, { signed: true }).end()
      })
      .get('/verify', (request, response) => {
        response.end(request.signedCookies.value || '')
      }),
  ),
)
