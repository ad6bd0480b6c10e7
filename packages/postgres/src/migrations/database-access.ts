import type { Client } from "pg";

const productRoles = [
  "takings_writer",
  "takings_reader",
  "takings_pruner",
  "takings_purger",
  "takings_reconciler",
];

/** The role whose members may connect to the database of this name. */
function connectRoleOf(database: string): string {
  return `${database}_connect`;
}

type Access = {
  readonly name: string;
  readonly is_owner: boolean;
  /** Everybody may connect or create temporary tables, or a role of the product may create objects in the database. */
  readonly is_open: boolean;
  readonly has_connect_role: boolean;
  /** The intended roles may connect. */
  readonly is_granted: boolean;
};

const accessText = `
  select datname as name, pg_has_role(datdba, 'usage') as is_owner,
    exists (
      select from aclexplode(coalesce(datacl, acldefault('d', datdba))) as granted
      left join pg_roles on pg_roles.oid = grantee
      where grantee = 0 or rolname = any($2) and privilege_type <> 'CONNECT'
    ) as is_open,
    exists (select from pg_roles where rolname = $1) as has_connect_role,
    exists (
      select from aclexplode(datacl) as granted join pg_roles on pg_roles.oid = grantee
      where rolname = coalesce((select rolname from pg_roles where rolname = $1), $2[1]) and privilege_type = 'CONNECT'
    ) as is_granted
  from pg_database where datname = current_database()`;

const lockedOutText = `
  select rolname as name from pg_roles
  where rolcanlogin and not rolsuper and not has_database_privilege(oid, current_database(), 'connect')
    and exists (
      select from pg_roles as product
      where product.rolname = any($1) and pg_has_role(pg_roles.oid, product.oid, 'member')
    )
  order by 1`;

/**
 * Restricts who may connect to the database, and lets only its owner create temporary tables. Roles belong to the whole
 * server, so without this a login of one installation could use the database of another. Members of the role
 * `<database>_connect` may connect if there is one, else all logins with a role of the product. Must run as the owner of
 * the database; for any other role it reports the statements to run. Reports nothing when nothing is to be done.
 */
export async function closeDatabase(client: Client, report: (line: string) => void): Promise<void> {
  const database =
    (await client.query<{ name: string }>("select current_database() as name")).rows[0]?.name ?? "";
  const connectRole = connectRoleOf(database);
  const access = (await client.query<Access>(accessText, [connectRole, productRoles])).rows[0];
  if (access === undefined || (access.is_granted && !access.is_open)) return;
  const [name, role] = [client.escapeIdentifier(database), client.escapeIdentifier(connectRole)];
  const roles = productRoles.join(", ");
  const statements = [
    `revoke all on database ${name} from public, ${roles}`,
    `grant connect on database ${name} to ${access.has_connect_role ? role : roles}`,
  ].join("; ");
  if (!access.is_owner) {
    report(
      `roles other than those of takings may connect to database ${database}; run as its owner: ${statements}`,
    );
    return;
  }
  // In one transaction, so that no login is refused in between.
  await client.query(statements);
  await reportWhoMayConnect(client, connectRole, access, report);
}

async function reportWhoMayConnect(
  client: Client,
  connectRole: string,
  { name, has_connect_role: hasConnectRole }: Access,
  report: (line: string) => void,
): Promise<void> {
  if (!hasConnectRole) {
    report(
      `every login with a role of takings may connect to database ${name}; if another installation shares this server, create a role ${connectRole}, grant it to the logins of this installation, and migrate again`,
    );
  }
  const { rows } = await client.query<{ name: string }>(lockedOutText, [productRoles]);
  if (rows.length === 0) return;
  const logins = rows.map((row) => row.name).join(", ");
  report(
    `these logins have a role of takings but may not connect to database ${name}: ${logins}; grant them ${connectRole}, unless they belong to another installation`,
  );
}

const encodingText = "select current_database() as name, current_setting('server_encoding') as encoding";

/** @throws Error with what to do unless the database can hold every text that Stripe sends. */
export async function requireUtf8(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string; encoding: string }>(encodingText);
  const { name = "", encoding = "" } = rows[0] ?? {};
  if (encoding === "UTF8") return;
  throw new Error(
    `database ${name} has the encoding ${encoding}, which cannot hold what Stripe sends; make one with: create database ${client.escapeIdentifier(name)} template template0 encoding 'UTF8' locale 'C.UTF-8'`,
  );
}
