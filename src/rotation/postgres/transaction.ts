/**
 * The beginning of every transaction: it overrides what the owner of the database, or a role's own settings, have set for a session. `SET
 * LOCAL`, because behind a pooler the session is used by somebody else next.
 */
export const begin: string = [
  'BEGIN READ WRITE',
  'SET LOCAL search_path TO pg_catalog, pg_temp',
  'SET LOCAL ROLE NONE',
  // Text that means the same in every session.
  'SET LOCAL DateStyle TO ISO',
  // A role that another open transaction has changed must not delay the step. Below deadlock_timeout, one second, so that the other does
  // not fail.
  "SET LOCAL lock_timeout TO '900ms'",
  "SET LOCAL statement_timeout TO '30s'",
].join(';\n')

/** The statements as one transaction, sent at once. */
export function transaction(...statements: string[]): string {
  return [begin, ...statements, 'COMMIT'].join(';\n')
}
