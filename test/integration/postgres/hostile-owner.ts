import { connectPostgres } from '../../support/postgres.js'
import type { DatabaseFields } from '../../support/rotating.js'
import type { TestDatabase } from './database.js'

/** A user that owns its database, and would like to own the server. */
export interface HostileOwner {
  user: DatabaseFields & { dbname: string }
  /** Runs statements in its database as the superuser, out of reach of what the owner has laid out. */
  inspect(...statements: string[]): Promise<unknown[]>
}

const safe = '-c search_path=pg_catalog -c role=none -c default_transaction_read_only=off -c statement_timeout=0'

/** Tries to raise the owner, as whoever runs it, and keeps who that was. */
const trap = (username: string): string => `
  CREATE FUNCTION public.trap() RETURNS void LANGUAGE plpgsql AS $trap$ BEGIN
    INSERT INTO public.caught VALUES (session_user, current_user);
    BEGIN EXECUTE 'ALTER ROLE ${username} CREATEROLE'; EXCEPTION WHEN OTHERS THEN NULL; END;
    BEGIN EXECUTE 'ALTER ROLE ${username} SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
  END $trap$`

/** Stands in front of a function of the catalog. */
const shadow = (signature: string, type: string, call: string): string => `
  CREATE FUNCTION public.${signature} RETURNS ${type} LANGUAGE plpgsql AS
  $f$ BEGIN PERFORM public.trap(); RETURN pg_catalog.${call}; END $f$`

/** Stands in front of an operator of the catalog. */
const equals = (left: string, right: string): string[] => [
  `CREATE FUNCTION public.eq(a ${left}, b ${right}) RETURNS boolean LANGUAGE plpgsql AS
   $f$ BEGIN PERFORM public.trap(); RETURN a OPERATOR(pg_catalog.=) b; END $f$`,
  `CREATE OPERATOR public.= (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = public.eq)`,
]

const relations = ['pg_roles', 'pg_auth_members', 'pg_shdepend', 'pg_database', 'pg_authid']

/** Lays out what the owner of a database can lay out for those who log in to it, and DBA's triggers that trust the search path. */
export async function makeHostileOwner(
  database: TestDatabase,
  settings: Readonly<Record<string, string>> = {},
): Promise<HostileOwner> {
  const user = await database.makeUser()
  const dbname = `of_${user.username}`
  const owner = { ...user, dbname }
  await database.admin.query(`CREATE DATABASE ${dbname} OWNER ${user.username}`)
  await database.query(
    owner,
    'CREATE TABLE public.caught (session_user_name name, current_user_name name)',
    'GRANT ALL ON public.caught TO PUBLIC',
    trap(user.username),
    shadow('now()', 'timestamptz', 'now()'),
    shadow('current_database()', 'name', 'current_database()'),
    shadow('pg_has_role(a oid, b text)', 'boolean', 'pg_has_role(a, b)'),
    shadow('pg_has_role(a oid, b oid, c text)', 'boolean', 'pg_has_role(a, b, c)'),
    ...[
      ['name', 'name'],
      ['name', 'text'],
      ['text', 'text'],
      ['oid', 'oid'],
      ['"char"', '"char"'],
    ].flatMap(([left = '', right = '']) => equals(left, right)),
    "CREATE FUNCTION public.spring() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.trap(); RETURN ''; END $f$",
    ...relations.map(name => `CREATE VIEW public.${name} AS SELECT *, public.spring() AS sprung FROM pg_catalog.${name}`),
    ...relations.map(name => `GRANT ALL ON public.${name} TO PUBLIC`),
    'ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC',
  )
  for (const [name, value] of Object.entries({ search_path: 'public, pg_catalog', ...settings })) {
    await database.admin.query(`ALTER DATABASE ${dbname} SET ${name} TO ${value}`)
  }
  return {
    user: owner,
    async inspect(...statements) {
      const client = await connectPostgres(database.server, { database: dbname, options: safe })
      try {
        const rows: unknown[] = []
        for (const statement of statements) rows.push(...(await client.query(statement)).rows)
        return rows
      } finally {
        await client.end()
      }
    },
  }
}

/** Triggers that a superuser has made in the owner's database, whose function finds now() by the search path. */
export async function addTrustingTriggers({ inspect }: HostileOwner): Promise<void> {
  await inspect(
    'CREATE SCHEMA audit',
    'GRANT USAGE ON SCHEMA audit TO PUBLIC',
    'CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM now(); END $f$',
    'CREATE EVENT TRIGGER at_login ON login EXECUTE FUNCTION audit.note()',
    'CREATE EVENT TRIGGER at_start ON ddl_command_start EXECUTE FUNCTION audit.note()',
    'CREATE EVENT TRIGGER at_end ON ddl_command_end EXECUTE FUNCTION audit.note()',
  )
}

/** Types, casts, domains and what else runs a function when it is used, made by a user of the owner's database. */
export const snares = (schema: string): string[] => [
  `CREATE SCHEMA ${schema}`,
  `CREATE TYPE ${schema}.lure AS (n text)`,
  ...['name', 'text', 'oid', '"char"'].flatMap(type => [
    `CREATE FUNCTION ${schema}.lured(a ${type}) RETURNS ${schema}.lure LANGUAGE plpgsql AS
     $f$ BEGIN PERFORM public.trap(); RETURN ROW(a)::${schema}.lure; END $f$`,
    `CREATE CAST (${type} AS ${schema}.lure) WITH FUNCTION ${schema}.lured(${type}) AS IMPLICIT`,
  ]),
  `CREATE FUNCTION ${schema}.same(a ${schema}.lure, b ${schema}.lure) RETURNS boolean LANGUAGE plpgsql AS
   $f$ BEGIN PERFORM public.trap(); RETURN true; END $f$`,
  `CREATE OPERATOR public.= (LEFTARG = ${schema}.lure, RIGHTARG = ${schema}.lure, FUNCTION = ${schema}.same)`,
  `CREATE FUNCTION ${schema}.passes(a text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
   $f$ BEGIN PERFORM public.trap(); RETURN true; END $f$`,
  `CREATE DOMAIN ${schema}.watched AS text CHECK (${schema}.passes(VALUE))`,
  `CREATE TABLE ${schema}.t (n ${schema}.watched DEFAULT public.spring())`,
  `INSERT INTO ${schema}.t VALUES ('x')`,
  `CREATE INDEX ON ${schema}.t (${schema}.passes(n))`,
  `ALTER TABLE ${schema}.t ENABLE ROW LEVEL SECURITY`,
  `CREATE POLICY p ON ${schema}.t USING (${schema}.passes(n))`,
  `CREATE RULE r AS ON UPDATE TO ${schema}.t DO ALSO SELECT public.trap()`,
  `CREATE MATERIALIZED VIEW ${schema}.m AS SELECT public.spring() FROM ${schema}.t`,
  `CREATE AGGREGATE ${schema}.a (text) (SFUNC = textcat, STYPE = text)`,
  'ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO PUBLIC',
]
