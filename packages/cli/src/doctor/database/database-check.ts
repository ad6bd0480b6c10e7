import { type Check, type Finding, notAsked, unknown } from "../check.ts";
import type { Connections, Database } from "../connections.ts";

/** A check that asks PostgreSQL. */
export function databaseCheck(
  connections: Connections,
  name: string,
  ask: (database: Database) => Promise<Finding>,
): Check {
  return {
    name,
    async run() {
      const opening = connections.database();
      if (opening === undefined) return notAsked("DATABASE_URL is not set");
      const database = await opening.catch(() => undefined);
      return database === undefined
        ? unknown("PostgreSQL does not respond", "see database/connection")
        : ask(database);
    },
  };
}
