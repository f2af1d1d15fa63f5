/** The known name that was most likely meant by `name`: one begins with the other, or they differ in a few letters. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = name.toLowerCase()
  const candidates = known
    .map(candidate => ({ candidate, edits: editsBetween(written, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= written.length / 3 || begins(candidate.toLowerCase(), written))
  return candidates.sort((one, other) => one.edits - other.edits)[0]?.candidate
}

function begins(one: string, other: string): boolean {
  const shorter = Math.min(one.length, other.length)
  return shorter >= 3 && one.slice(0, shorter) === other.slice(0, shorter)
}

/** The longest name that is compared letter by letter: the work grows with the length. */
const longest = 64

/** The Levenshtein distance: how many letters must be inserted, deleted or replaced to turn one name into the other. */
function editsBetween(one: string, other: string): number {
  if (one.length > longest) return Infinity
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= other.length; column += 1) {
      const changed = (row[column - 1] as number) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[column] as number) + 1, (next[column - 1] as number) + 1))
    }
    row = next
  }
  return row[other.length] as number
}
