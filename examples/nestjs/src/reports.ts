import { provideWithCache } from 'awscurrent/nest'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'

export const REPORTS = Symbol('a pool for reports')

export const reportsPool = provideWithCache({
  provide: REPORTS,
  useFactory: cache => createPool(pg, { cache, secretId: 'prod/db', max: 2 }),
})
