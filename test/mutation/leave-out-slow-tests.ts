import { beforeEach } from 'vitest'

/** Tests that take more than a quarter of a second each, in files whose other tests are fast. */
const slowTests = [
  'a bundle of ES modules that has no require',
  'an instance metadata service that swallows everything',
  'is told in the words of the SDK, in one load',
  'each drawn from the upper half of its range',
  'costs no more calls than the bucket holds',
  'draws due times from the jitter',
  'goes on by the rate of the bucket',
  'survives an hour without the service',
  'a flood of unknown ids costs one entry',
  'reads no more often than the bucket allows, however many events come',
  'whatever is given, the answer is at least one judgement',
  'are forgotten with whoever made them',
  'a batch that stays throttled is read one by one',
]

// Stryker replaces Vitest's own filter of names.
beforeEach(({ task, skip }) => {
  if (slowTests.some(title => task.name.includes(title))) skip('too slow to be run for each mutant')
})
