import type { FakeFault, FakeSecretsManager } from '../../../src/testing/index.js'
import { Deck } from '../deck.js'
import { inSecret } from '../fault-log.js'
import type { Lane } from '../lane.js'
import type { Random } from '../random.js'

const kinds: readonly ((random: Random) => FakeFault)[] = [
  ...['ThrottlingException', 'InternalServiceError', 'ServiceUnavailableException', 'ExpiredTokenException'].map(
    error => (): FakeFault => ({ error }),
  ),
  random => ({ delayMs: random.whole(50, 3_000) }),
  () => ({ hang: true }),
  ...(['cut', 'echo', 'empty', 'html', 'huge', 'reset', 'truncated', 'wrong-types'] as const).map(
    answer => (): FakeFault => ({ answer }),
  ),
  // Fewer than a load asks again for: more of them are a rollback.
  random => ({ answer: 'old', operation: 'GetSecretValue', times: random.whole(1, 3) }),
]

/** Secrets Manager throttles, fails, hangs, is slow, answers what it should not, or what was true a moment ago. */
export function serviceFaults(fake: FakeSecretsManager, secretIds: readonly string[]): Lane {
  const deck = new Deck(kinds)
  return {
    name: 'Secrets Manager',
    pauseMs: [200, 1_500],
    lastsMs: [200, 2_500],
    draw(random) {
      const fault = { ...deck.draw(random)(random), ...(random.chance(0.4) && { secretId: random.pick(secretIds) }) }
      const what = fault.error ?? (fault.hang ? 'no answer' : `answer: ${fault.answer ?? 'late'}`)
      return {
        name: `Secrets Manager: ${what}`,
        // A fault that befalls one secret explains nothing about another.
        touched: (fault.answer === 'old' ? ['service', 'old answers'] : ['service']).map(place =>
          inSecret(place, fault.secretId),
        ),
        begin: () => fake.inject(fault),
      }
    },
  }
}
