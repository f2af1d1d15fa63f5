import { aFlag, aSignal, checkOptions } from './check-options.js'

const rules = { signal: aSignal, once: aFlag }

/** Checks the options of a listener. */
export function checkListenerOptions(options: unknown): void {
  if (options !== undefined) checkOptions('on', options, rules)
}
