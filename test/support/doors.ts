import { inspect } from 'node:util'

/** Everything that can be got out of a value by printing, serialising or walking it. */
export function everythingVisibleIn(value: unknown): string {
  const seen = new Set<unknown>()
  const texts: string[] = []
  const walk = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part)
    if ((typeof part !== 'object' && typeof part !== 'function') || part === null || seen.has(part)) return
    seen.add(part)
    texts.push(inspect(part, { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: false }), asJson(part), asText(part))
    for (const key of Reflect.ownKeys(part)) {
      texts.push(String(key))
      walk(Object.getOwnPropertyDescriptor(part, key)?.value)
    }
    if (part instanceof Map || part instanceof Set) for (const member of part) walk(member)
  }
  walk(value)
  return texts.join('\n')
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

function asText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}
