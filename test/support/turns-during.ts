/** How many of ten turns of the event loop have passed when the work is done. */
export async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0
  const count = (): void => {
    turns += 1
    if (turns < 10) setImmediate(count)
  }
  setImmediate(count)
  await work()
  return turns
}
