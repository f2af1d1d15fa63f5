import { getIronSession, type IronSession, sealData, unsealData } from 'iron-session'
import { expect, it } from 'vitest'
import { createKeyring } from '../../../src/keyring/index.js'
import { ringed, signAfterMs } from '../ringed.js'
import { itFollows } from './behaviours.js'
import { overHttp } from './over-http.js'

interface Data {
  value?: string | undefined
}

itFollows('iron-session', ({ ring }) => ({
  sign: value => sealData({ value }, { password: ring.passwords }),
  verify: async sealed => (await unsealData<Data>(sealed, { password: ring.passwords })).value,
}))

itFollows('iron-session with requests', ({ ring }) =>
  overHttp(async (request, response) => {
    const options = { password: ring.passwords, cookieName: 'session', cookieOptions: { secure: false } }
    const session: IronSession<Data> = await getIronSession<Data>(request, response, options)
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    if (pathname === '/sign') {
      session.value = searchParams.get('value') ?? ''
      await session.save()
    }
    response.end(pathname === '/verify' ? (session.value ?? '') : '')
  }),
)

it('iron-session of one process reads what another has sealed with the new key before it signs with that', async () => {
  const { ring, cache, clock, rotate } = await ringed()
  using ahead = await createKeyring({ cache, secretId: 'keys', signAfterMs: 0 })
  await rotate('fresh')
  const [sealed, sealedAhead] = await Promise.all(
    [ring, ahead].map(({ passwords }) => sealData({ value: 'ann' }, { password: passwords })),
  )
  expect(sealed?.split('*')[1]).not.toBe(sealedAhead?.split('*')[1])
  for (const { passwords } of [ring, ahead]) {
    expect(await unsealData(sealed ?? '', { password: passwords })).toEqual({ value: 'ann' })
    expect(await unsealData(sealedAhead ?? '', { password: passwords })).toEqual({ value: 'ann' })
  }
  await clock.advance(signAfterMs)
})

it.each(['toJSON', 'toString', 'constructor', '__proto__', '1'])(
  'a forged seal that names the password %s is an empty session',
  async id => {
    const { ring } = await ringed()
    const sealed = await sealData({ value: 'ann' }, { password: ring.passwords })
    const [prefix, , ...rest] = sealed.split('*')
    expect(await unsealData([prefix, id, ...rest].join('*'), { password: ring.passwords })).toEqual({})
  },
)
