import { describe, expect, it, vi } from 'vitest'
import { newSignal } from '../support/signal.js'
import { startAndStop } from '../support/use-server.js'

describe('a server of the tests', () => {
  it('that is there after its hook has given up is stopped all the same', async () => {
    const ready = newSignal()
    const stop = vi.fn(async () => {})
    const kept = startAndStop(() => ready.happened.then(() => ({ stop })))
    void kept.start()
    const stopped = kept.stop()
    expect(stop).not.toHaveBeenCalled()
    ready.happen()
    await stopped
    expect(stop).toHaveBeenCalledTimes(1)
  })

  it('that was not started, or could not be, is nobody to stop', async () => {
    const kept = startAndStop(() => Promise.reject(new Error('no such program')))
    await kept.stop()
    await expect(kept.start()).rejects.toThrow('no such program')
    await kept.stop()
  })
})
