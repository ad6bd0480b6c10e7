import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "../session/run-read.ts";

const text = "select name from takings.sources where stripe_account_id = $1";
const row = z.object({ name: z.string() });

/**
 * The sources whose platform's own account this is; `undefined` where there is none.
 * @throws TakingsError `unavailable`
 */
export async function platformsOf(
  pool: Pool,
  account: string | null,
): Promise<readonly string[] | undefined> {
  if (account === null || account === "*") return undefined;
  const parse = (found: unknown): string => row.parse(found).name;
  const names = await runRead(pool, { what: "sources", text, values: [account], parse });
  return names.length === 0 ? undefined : names;
}
