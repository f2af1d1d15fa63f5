/** The code of a driver's error: a SQLSTATE of PostgreSQL, a name of MySQL and MariaDB. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code)
}

/** Whether a driver's error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(error))
}
