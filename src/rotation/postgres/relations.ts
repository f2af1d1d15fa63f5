/**
 * Asks for the relations of a role that can be handed over alone, each by the name that a statement takes. Views and rules work with their owner's
 * rights: so what reads another relation of the role's goes after that, and the role must have the privileges of the one that is to own them. A
 * sequence of a column goes with its table.
 */
export const relationsQuery: string = `
  SELECT pg_catalog.format('%I.%I'::pg_catalog.text, n.nspname, c.relname) AS name
  FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) c.relowner
    JOIN pg_catalog.pg_roles o ON pg_catalog.pg_has_role(r.oid, o.oid, 'USAGE'::pg_catalog.text)
  WHERE r.rolname OPERATOR(pg_catalog.=) $1::pg_catalog.name
    AND o.rolname OPERATOR(pg_catalog.=) $2::pg_catalog.name
    AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}'::pg_catalog."char"[])
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_rewrite w
        JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) w.oid
        JOIN pg_catalog.pg_class u ON u.oid OPERATOR(pg_catalog.=) d.refobjid
      WHERE w.ev_class OPERATOR(pg_catalog.=) c.oid
        AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid
        AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid
        AND u.oid OPERATOR(pg_catalog.<>) c.oid
        AND u.relowner OPERATOR(pg_catalog.=) c.relowner
    )
    AND c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend d
      WHERE c.relkind OPERATOR(pg_catalog.=) 'S'::pg_catalog."char"
        AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid
        AND d.objid OPERATOR(pg_catalog.=) c.oid
        AND d.refobjsubid OPERATOR(pg_catalog.>) 0
    )`
