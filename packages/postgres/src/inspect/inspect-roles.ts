import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "../session/run-read.ts";

/** A login that can connect to this database and belongs to this installation: it owns the schema or has one of its roles. */
export type LoginState = {
  readonly name: string;
  /** The doctor's own. */
  readonly isOwn: boolean;
  readonly ownsSchema: boolean;
  /** The product's roles whose rights it has. */
  readonly roles: readonly string[];
  /** What it may do beyond any role of the product, such as `superuser`. */
  readonly powers: readonly string[];
};

/** What each role may do to a whole table; everything else is granted by column. The source is the migrations. */
const tableRights: Readonly<Record<string, readonly string[]>> = {
  takings_writer: ["SELECT", "INSERT"],
  takings_reader: ["SELECT"],
  takings_reconciler: ["SELECT", "INSERT"],
  takings_purger: ["SELECT"],
  takings_pruner: [],
};

/** Roles of PostgreSQL that reach around the privileges of tables: https://www.postgresql.org/docs/18/predefined-roles.html */
const reachingRoles = [
  "pg_read_all_data",
  "pg_write_all_data",
  "pg_read_server_files",
  "pg_write_server_files",
  "pg_execute_server_program",
];

// A superuser has every role, so only one that connects here or was given a role is one of the installation's logins.
const loginsText = `
  select login.rolname::text as name, login.rolname = session_user as is_own, owns as owns_schema,
    case when login.rolsuper or owns then '{}' else roles end as roles,
    array_remove(
      array[
        case when login.rolsuper then 'superuser' end, case when login.rolcreaterole then 'createrole' end,
        case when login.rolreplication then 'replication' end
      ] || case when login.rolsuper then '{}'::text[] else array(
        select rolname::text from pg_roles
        where rolname = any($2) and pg_has_role(login.oid, pg_roles.oid, 'usage') order by 1
      ) end, null
    ) as powers
  from pg_roles as login
  cross join lateral (
    select array(
        select rolname::text from pg_roles
        where rolname = any($1) and pg_has_role(login.oid, pg_roles.oid, 'usage') order by 1
      ) as roles,
      pg_has_role(login.oid, (select nspowner from pg_namespace where nspname = 'takings'), 'usage') as owns
  ) as held
  where rolcanlogin and has_database_privilege(login.oid, current_database(), 'connect')
    and (
      login.rolname = session_user
      or (not rolsuper and (owns or roles <> '{}'))
      or exists (
        select from pg_auth_members join pg_roles as granted on granted.oid = roleid
        where member = login.oid and granted.rolname = any($1)
      )
    )
  order by 1`;

const loginRow = z
  .object({
    name: z.string(),
    is_own: z.boolean(),
    owns_schema: z.boolean().nullable(),
    roles: z.array(z.string()),
    powers: z.array(z.string()),
  })
  .transform((row) => ({
    name: row.name,
    isOwn: row.is_own,
    ownsSchema: row.owns_schema === true,
    roles: row.roles,
    powers: row.powers,
  }));

/** The logins of this installation. Any login may ask. @throws TakingsError `unavailable` */
export function readLogins(pool: Pool): Promise<readonly LoginState[]> {
  const values = [Object.keys(tableRights), reachingRoles];
  return runRead(pool, {
    what: "the logins",
    text: loginsText,
    values,
    parse: (row) => loginRow.parse(row),
  });
}

// PostgreSQL writes no list for a database, schema or table whose owner alone has the rights.
const grantsText = `
  with grants as (
    select relowner as owner, 'takings.' || relname as object, false as is_column, (aclexplode(relacl)).*
    from pg_class where relnamespace = 'takings'::regnamespace
    union all
    select relowner, 'takings.' || relname || '.' || attname, true, (aclexplode(attacl)).*
    from pg_class join pg_attribute on attrelid = pg_class.oid where relnamespace = 'takings'::regnamespace
    union all
    select proowner, 'takings.' || proname || '()', true, (aclexplode(coalesce(proacl, acldefault('f', proowner)))).*
    from pg_proc where pronamespace = 'takings'::regnamespace
  )
  select coalesce(rolname, 'everybody')::text as grantee, object, privilege_type as right
  from grants
  left join pg_roles on pg_roles.oid = grantee
  where grantee <> owner
    and not coalesce($1::jsonb ? rolname and (is_column or $1::jsonb -> rolname ? privilege_type), false)
  order by 1, 2, 3 limit 20`;

const grantRow = z.object({ grantee: z.string(), object: z.string(), right: z.string() });

/** A right on an object of the schema that no migration grants. */
export type StrayGrant = z.output<typeof grantRow>;

/**
 * Rights on tables and functions that no migration grants: those of other roles, and of the product's roles on whole tables.
 * At most 20. Any login may ask.
 * @throws TakingsError `unavailable`
 */
export function readStrayGrants(pool: Pool): Promise<readonly StrayGrant[]> {
  return runRead(pool, {
    what: "the grants",
    text: grantsText,
    values: [JSON.stringify(tableRights)],
    parse: (row) => grantRow.parse(row),
  });
}

const openText = `
  select exists (
    select from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) as granted
    where datname = current_database() and grantee = 0 and privilege_type = 'CONNECT'
  ) as open`;

/** Whether every login of the server may connect to this database. @throws TakingsError `unavailable` */
export async function isOpenToEverybody(pool: Pool): Promise<boolean> {
  const parse = (row: unknown): boolean => z.object({ open: z.boolean() }).parse(row).open;
  const [open = false] = await runRead(pool, {
    what: "who may connect",
    text: openText,
    values: [],
    parse,
  });
  return open;
}
