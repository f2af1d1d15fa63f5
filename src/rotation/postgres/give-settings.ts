import { codeOf } from '../database/error-code.js'
import type { SettingChange } from './carry-over.js'
import type { PgClient } from './driver.js'

/** Makes the changes in the open transaction; resolves with the names of those that the server denies. */
export async function giveSettings(client: PgClient, changes: readonly SettingChange[]): Promise<string[]> {
  const denied = new Set<string>()
  for (const { name, statement } of changes) {
    try {
      await client.query(`SAVEPOINT setting;\n${statement};\nRELEASE setting`)
    } catch (error) {
      if (!isDenial(error)) throw error
      await client.query('ROLLBACK TO setting;\nRELEASE setting')
      denied.add(name)
    }
  }
  return [...denied]
}

/** Settings of the superuser, settings of extensions that no longer exist, and values that the server no longer knows. */
function isDenial(error: unknown): boolean {
  return /^(22|42|0A)/.test(codeOf(error))
}
