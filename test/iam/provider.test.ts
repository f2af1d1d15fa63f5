import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { settled } from '../support/deferred-source.js'
import { issuer } from './issuer.js'

const minuteMs = 60_000

/** Subscribes as node-redis does: what fails on a connection is reported to the provider. */
function subscribers() {
  const played = issuer()
  const { source } = played
  const subscribe = async ({ failure }: { failure?: Error } = {}) => {
    const got: string[] = []
    const listener = {
      onNext({ id }: { id: string }) {
        got.push(id)
        if (failure !== undefined) Promise.reject(failure).catch(error => source.onReAuthenticationError(error))
      },
      onError() {},
    }
    const [, subscription] = await source.subscribe(listener)
    return { got, subscription }
  }
  return { ...played, played, subscribe }
}

describe('a subscription of node-redis', () => {
  it.each(['Socket closed unexpectedly', 'The client is closed'])('ends if its connection is gone: %s', async message => {
    const { subscribe, clock } = subscribers()
    const gone = await subscribe({ failure: new Error(message) })
    const { got, subscription } = await subscribe()
    await clock.advance(30 * minuteMs)
    expect([gone.got.length, got.length > 1]).toEqual([1, true])
    subscription.dispose()
    expect(clock.pending).toBe(0)
  })

  it('goes on if Redis rejects the token', async () => {
    const { subscribe, clock, played } = subscribers()
    const { got } = await subscribe({ failure: new Error('WRONGPASS invalid username-password pair') })
    await clock.advance(30 * minuteMs)
    expect([got.length > 1, got.length]).toEqual([true, played.issued - 1])
  })

  it('that nobody keeps is forgotten without a new token', async () => {
    const { subscribe, clock, played } = subscribers()
    const forgotten = async (): Promise<void> => void (await subscribe())
    await forgotten()
    const { subscription } = await subscribe()
    setFlagsFromString('--expose-gc')
    // What was used in this turn is kept until its end.
    await settled()
    runInNewContext('gc')()
    subscription.dispose()
    expect([clock.pending, played.issued]).toEqual([0, 1])
  })
})
