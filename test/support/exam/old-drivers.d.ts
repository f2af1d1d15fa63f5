declare module 'pg-8.11' {
  export { default } from 'pg'
}

declare module 'pg-pool-3.6' {
  import type pg from 'pg'

  const Pool: new (options: pg.PoolConfig, Client: typeof pg.Client) => pg.Pool
  // biome-ignore lint/style/noDefaultExport: this is how the package exports it
  export default Pool
}
