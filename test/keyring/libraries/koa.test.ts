import Keygrip from 'keygrip'
import Koa from 'koa'
import { itFollows } from './behaviours.js'
import { overHttp } from './over-http.js'

itFollows('keygrip', ({ ring }) => {
  const keygrip = new Keygrip(ring.keys, 'sha256')
  return {
    sign: async value => `${value}.${keygrip.sign(value)}`,
    async verify(signed) {
      const [value = '', signature = ''] = signed.split('.')
      return keygrip.verify(value, signature) ? value : undefined
    },
  }
})

itFollows('koa', ({ ring }) => {
  const app = new Koa()
  app.keys = ring.keys
  app.use(context => {
    if (context.path === '/sign') context.cookies.set('value', String(context.query.value), { signed: true })
    context.body = context.path === '/verify' ? (context.cookies.get('value', { signed: true }) ?? '') : ''
  })
  return overHttp(app.callback())
})
