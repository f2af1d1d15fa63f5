/** Where drivers, pools and ORMs keep the error that they wrap. */
const wrappings = ['cause', 'parent', 'original', 'originalError', 'driverError', 'meta', 'driverAdapterError']

/** Whether `test` holds for an error, or for one that it wraps. */
export function isOrWraps(error: unknown, test: (error: Record<string, unknown>) => boolean): boolean {
  const seen = new Set<unknown>()
  const search = (candidate: unknown): boolean => {
    if (typeof candidate !== 'object' || candidate === null || seen.has(candidate)) return false
    seen.add(candidate)
    const fields = candidate as Record<string, unknown>
    return test(fields) || wrappings.some(wrapping => search(fields[wrapping]))
  }
  return search(error)
}
