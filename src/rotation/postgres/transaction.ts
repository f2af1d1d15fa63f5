/**
 * Every transaction begins with it: what the owner of the database, or a role's own settings, make of a session does not count here.
 * `SET LOCAL`, because behind a pooler the session is somebody else's next.
 */
export const begin: string = [
  'BEGIN READ WRITE',
  'SET LOCAL search_path TO pg_catalog, pg_temp',
  'SET LOCAL ROLE NONE',
  // Text that means the same to every session.
  'SET LOCAL DateStyle TO ISO',
  // A role that somebody's open transaction has changed must not hold up the step; below deadlock_timeout, a second, for theirs must not fail.
  "SET LOCAL lock_timeout TO '900ms'",
  "SET LOCAL statement_timeout TO '30s'",
].join(';\n')

/** The statements as one transaction, sent at once. */
export function transaction(...statements: string[]): string {
  return [begin, ...statements, 'COMMIT'].join(';\n')
}
