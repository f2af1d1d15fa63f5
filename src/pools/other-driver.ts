import { hasMethod } from '../core/options/check-options.js'

/** What may be passed instead of a driver's module or pool, recognized by members that the others lack. The first match counts. */
const known: readonly (readonly [is: (given: object) => boolean, remedy: string])[] = [
  [isCluster, 'A PoolCluster cannot follow a secret: create a pool for each server, and attach each of them.'],
  [
    given => hasMethod(given, 'importFile'),
    'mariadb cannot change the credentials of a pool: use createSwap of awscurrent/swap.',
  ],
  [isPoolOfMysql, 'mysql cannot follow a secret: use mysql2, which has the same functions.'],
  [given => hasMethod(given, 'getConnection'), 'For a mysql2 pool use attachPool of awscurrent/mysql2.'],
  [isPoolOfPg, 'For a pg pool use attachPool of awscurrent/pg.'],
  [given => hasMethod(given, 'createPool'), 'For the module mysql2 use createPool of awscurrent/mysql2.'],
  [given => hasMethod(given, 'Pool'), 'For the module pg use createPool of awscurrent/pg.'],
]

/** What to do about a value that was passed by mistake, with a leading space; empty if the value is not known. */
export function remedyFor(given: unknown): string {
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null) return ''
  const [, remedy] = known.find(([is]) => is(given)) ?? []
  return remedy === undefined ? '' : ` ${remedy}`
}

/** Also recognizes what a cluster hands out for some of its servers. */
function isCluster(given: object): boolean {
  return (hasMethod(given, 'getConnection') && hasMethod(given, 'of')) || '_cluster' in given || 'poolNamespace' in given
}

/** The predecessor of mysql2 keeps its connections in arrays. */
function isPoolOfMysql(given: object): boolean {
  return hasMethod(given, 'getConnection') && '_allConnections' in given && Array.isArray(given._allConnections)
}

function isPoolOfPg(given: object): boolean {
  return hasMethod(given, 'connect') && 'totalCount' in given
}
