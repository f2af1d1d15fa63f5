/** Kept before a library of fake timers can replace it. */
const soon = setImmediate

/** Resolves in the next turn of the event loop, so that callers which retry at once do not keep everything else from running. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => soon(resolve))
}
