import { rebuildMeter, withVerification } from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import { recountEvents, rereadBy, storeSettings } from "./recount-events.ts";

/** `takings rebuild`: makes ledger and meter what the stored events say. */
export function rebuildCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("rebuild")
    .description("make ledger and meter what the stored events say (DATABASE_URL: the owner of the tables)")
    .action(async () => {
      const env = parseEnv(storeSettings, environment);
      const corrected = await withVerification(env.DATABASE_URL, async (verification) => {
        const counted = await recountEvents(verification, rereadBy(env.STRIPE_ACCOUNT_ID));
        for (const { id, detail } of counted.discrepancies) say(`events: ${id} ${detail}`);
        return verification.recount.correct(verification.asOf);
      });
      say(`${corrected} entries of the ledger were put right; what they said before stays on record`);
      await rebuildMeter(env.DATABASE_URL);
      say("the meter was made anew");
    });
}
