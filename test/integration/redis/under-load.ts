/** Has a transaction run again and again for each key while something happens. Resolves with the errors of those that failed. */
export async function failuresUnderLoad(
  keys: readonly string[],
  transact: (key: string) => Promise<unknown>,
  happens: () => Promise<void>,
): Promise<unknown[]> {
  const failures: unknown[] = []
  let over = false
  const work = async (key: string): Promise<void> => {
    while (!over) await transact(key).catch(error => failures.push(error))
  }
  const working = Promise.all(keys.map(work))
  await happens()
  over = true
  await working
  return failures
}
