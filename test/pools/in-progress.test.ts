import { expect, it } from 'vitest'
import type { Login } from '../../src/pools/login.js'
import { settled } from '../support/deferred-source.js'
import { anotherOutage, follow, outage, refusal, working } from './followed.js'

it('waits with a further login until those under way have ended, which the database may reject too', async () => {
  const { follower, accepts, proofs, rotate, clock, ...followed } = follow()
  accepts.passwords = new Set(['one'])
  await working({ follower, accepts, proofs, rotate, clock, ...followed })
  const both = [follower.take(), follower.take()] as [Login, Login]
  await rotate({ password: 'two' })
  accepts.passwords = new Set()
  follower.report(both[0], refusal)
  await settled()
  expect(proofs).toHaveLength(1)
  follower.report(both[1], refusal)
  await clock.advance(29_000)
  expect(proofs).toHaveLength(1)
})

it('does not wait for a login that hangs for longer than a second', async () => {
  const { follower, accepts, proofs, rotate, clock, ...followed } = follow()
  await working({ follower, accepts, proofs, rotate, clock, ...followed })
  const [, refusedOne] = [follower.take(), follower.take()] as [Login, Login]
  accepts.passwords = new Set(['two'])
  await rotate({ password: 'two' })
  follower.report(refusedOne, refusal)
  await clock.advance(1_100)
  expect(follower.take()).toMatchObject({ password: 'two' })
})

it('a version that AWSCURRENT is moved back to is tried at once, whatever the one between has failed with', async () => {
  const followed = follow()
  const { follower, accepts, proofs, rotate, clock, cache, fake } = followed
  const login = await working(followed)
  follower.report(login, refusal)
  await settled()
  await rotate({ password: 'two' })
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await clock.advance(1_000)
      for (const proof of proofs) await proof.fail(proof.login.password === 'one' ? refusal : outage)
      void follower.again().catch(() => {})
      const taken = follower.take()
      if (taken !== undefined) follower.report(taken, taken.password === 'one' ? refusal : anotherOutage())
      await settled()
    }
  }
  await pass(8)
  expect(proofs.map(proof => proof.login.password)).toContain('one')
  accepts.passwords = new Set(['one'])
  await cache.handleRotationEvent(fake.moveCurrent('db', login.versionId))
  await settled()
  expect(follower.take()).toMatchObject({ password: 'one' })
})
