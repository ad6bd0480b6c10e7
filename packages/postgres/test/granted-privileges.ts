import type { Pool } from "pg";

// Every right on an object of the schema that a role other than its owner has. Where the catalog has no list of rights, the
// defaults of `acldefault` apply.
const text = `
  with owned (kind, name, owner, acl) as (
    select 'database', ''::text, datdba, coalesce(datacl, acldefault('d', datdba))
    from pg_database where datname = current_database()
    union all
    select 'schema', nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner))
    from pg_namespace where nspname = 'takings'
    union all
    select case relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end, relname, relowner,
      coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
    from pg_class where relnamespace = 'takings'::regnamespace and relkind not in ('i', 'I', 'c', 't')
    union all
    select 'column', relname || '.' || attname, relowner, attacl
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'takings'::regnamespace and attnum > 0 and not attisdropped and attacl is not null
    union all
    select 'function', proname || '(' || pg_get_function_identity_arguments(pg_proc.oid) || ')', proowner,
      coalesce(proacl, acldefault('f', proowner))
    from pg_proc where pronamespace = 'takings'::regnamespace
    union all
    select case typtype when 'd' then 'domain' else 'type' end, typname, typowner,
      coalesce(typacl, acldefault('T', typowner))
    from pg_type
    where typnamespace = 'takings'::regnamespace and typcategory <> 'A'
      and (typrelid = 0 or exists (select from pg_class where pg_class.oid = typrelid and relkind = 'c'))
    union all
    select 'whatever is made later', defaclobjtype::text, defaclrole, defaclacl from pg_default_acl
  ),
  granted as (
    select coalesce(rolname, 'public') as grantee, kind, name, lower(privilege_type) as privilege, is_grantable
    from owned
    cross join lateral aclexplode(acl) as entry
    left join pg_roles on pg_roles.oid = entry.grantee
    where entry.grantee <> owner
  ),
  -- Columns of one table with the same right are one line.
  by_object as (
    select grantee, kind, name, string_agg(privilege || case when is_grantable then ' grantable' else '' end, ', ' order by privilege) as rights
    from granted where kind <> 'column' group by grantee, kind, name
    union all
    select grantee, 'column', split_part(name, '.', 1) || ' (' || string_agg(split_part(name, '.', 2), ', ' order by name) || ')', privilege
    from granted where kind = 'column' group by grantee, split_part(name, '.', 1), privilege
  )
  select grantee, trim(rights || ' on ' || kind || ' ' || name) as line
  from by_object order by grantee, trim(rights || ' on ' || kind || ' ' || name) collate "C"`;

/** The rights of roles other than the owner, a sorted list per role. */
export async function grantedPrivileges(pool: Pool): Promise<Record<string, string[]>> {
  const { rows } = await pool.query<{ grantee: string; line: string }>(text);
  const granted: Record<string, string[]> = {};
  for (const { grantee, line } of rows) (granted[grantee] ??= []).push(line);
  return granted;
}
