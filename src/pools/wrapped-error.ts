/** The properties in which drivers, pools and ORMs keep an error that they wrap. */
const wrappings = ['cause', 'parent', 'original', 'originalError', 'driverError', 'meta', 'driverAdapterError']

/** An error and those that it wraps, the outermost first. */
export function errorsIn(error: unknown): Record<string, unknown>[] {
  const found = new Set<Record<string, unknown>>()
  const search = (candidate: unknown): void => {
    if (typeof candidate !== 'object' || candidate === null || found.has(candidate as Record<string, unknown>)) return
    const fields = candidate as Record<string, unknown>
    found.add(fields)
    for (const wrapping of wrappings) search(fields[wrapping])
  }
  search(error)
  return [...found]
}
