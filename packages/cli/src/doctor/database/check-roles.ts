import { isOpenToEverybody, type LoginState, readLogins, readStrayGrants } from "@takings/postgres";
import { type Check, faultsOr } from "../check.ts";
import type { Connections } from "../connections.ts";
import { databaseCheck } from "./database-check.ts";

/** Whether each login of this installation has the rights of its role, and no others. */
export function rolesCheck(connections: Connections): Check {
  return databaseCheck(connections, "database/roles", async ({ pool, state }) => {
    const [logins, grants, isOpen] = await Promise.all([
      readLogins(pool),
      readStrayGrants(pool),
      isOpenToEverybody(pool),
    ]);
    const faults = [
      ...logins.flatMap(faultsOf),
      ...grants.map(({ grantee, object, right }) => `${grantee} has ${right} on ${object}`),
      ...(isOpen ? [`every login of the server may connect to database ${state.database}`] : []),
    ];
    return faultsOr(
      faults,
      "revoke what is too much, grant what is missing: docs/security.md#postgresql-roles",
      `${logins.length} logins, each with the rights of its role: ${logins.map(described).join(", ")}`,
    );
  });
}

function faultsOf({ name, isOwn, ownsSchema, roles, powers }: LoginState): readonly string[] {
  return [
    ...powers.map((power) => `${name} has ${power}`),
    ...(roles.length > 1 ? [`${name} has several roles: ${roles.join(", ")}`] : []),
    ...(isOwn && !ownsSchema && roles.length === 0 && powers.length === 0
      ? [`${name} has no role of Takings`]
      : []),
  ];
}

function described({ name, ownsSchema, roles }: LoginState): string {
  return `${name} (${ownsSchema ? "owner" : roles.join(", ")})`;
}
