import type { FakeSecretsManager } from '../../src/testing/index.js'

/** What Secrets Manager tells EventBridge while something is done. */
export async function eventsDuring(fake: Pick<FakeSecretsManager, 'onEvent'>, act: () => unknown): Promise<unknown[]> {
  const events: unknown[] = []
  const unlisten = fake.onEvent(event => events.push(event))
  await act()
  unlisten()
  return events
}
