/** Runs a query. */
export type Rows = <Row>(sql: string) => Promise<Row[]>

/** The account that a login has ended up at, as `user@host`. */
export async function currentAccount(rows: Rows): Promise<string> {
  const [row] = await rows<{ account: string }>('SELECT CURRENT_USER() AS account, NOW()')
  return row?.account ?? ''
}

/** Why nothing is changed if a login leads to an account with another name. */
export const ofAnother = 'the login leads to an account with another name'
