import { type EventKey, messageIdOf } from "@takings/domain";
import { type Decider, dismissQuarantined } from "@takings/postgres";
import type { Print } from "../command.ts";
import type { Pool } from "../connections/database.ts";

/** Dismisses events. Sets the exit code to 1 if any of them was not in quarantine. */
export async function dismiss(
  pool: Pool,
  print: Print,
  events: readonly EventKey[],
  decider: Decider,
): Promise<void> {
  for (const event of events) {
    const wasOpen = await dismissQuarantined(pool, event, decider);
    print(
      `${messageIdOf(event)} ${wasOpen ? "dismissed" : "unchanged: it is not in quarantine, or was dismissed before"}`,
    );
    if (!wasOpen) process.exitCode = 1;
  }
}
