import type { Secrets } from "../directory/secrets.ts";
import { recordOf } from "../record-of.ts";

/** Name of the product's database. */
export const databaseName = "takings";

/** The login role of each user; the secrets have its password as `postgres_USER`. */
export const loginRoles = {
  superuser: "postgres",
  migrator: "takings_migrator",
  consumer: "takings_consumer",
  query: "takings_query",
  purger: "takings_purge",
  reconcile: "takings_reconcile",
} as const;

/** A user of the database. */
export type DatabaseUser = keyof typeof loginRoles;

/** The address of one database for one user, password included. */
export function databaseUrl(
  user: DatabaseUser,
  { port, secrets, database = databaseName }: DatabaseAddress,
): string {
  const password = encodeURIComponent(secrets[`postgres_${user}`]);
  return `postgres://${loginRoles[user]}:${password}@127.0.0.1:${port}/${database}`;
}

/** Which database on which server, with the passwords. */
export interface DatabaseAddress {
  readonly port: number;
  readonly secrets: Secrets;
  readonly database?: string;
}

/** The address of one database for each user. */
export function databaseUrls(address: DatabaseAddress): Readonly<Record<DatabaseUser, string>> {
  return recordOf(Object.keys(loginRoles) as DatabaseUser[], (user) => databaseUrl(user, address));
}
