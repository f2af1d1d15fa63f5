import { expect, it } from 'vitest'
import { Deck } from './deck.js'
import { Random } from './random.js'

it('a deck gives everything once before anything comes again', () => {
  const random = new Random(1, 'deck')
  const deck = new Deck([1, 2, 3, 4])
  for (let round = 0; round < 3; round += 1) {
    const drawn = Array.from({ length: 4 }, () => deck.draw(random))
    expect(drawn.toSorted()).toEqual([1, 2, 3, 4])
  }
})
