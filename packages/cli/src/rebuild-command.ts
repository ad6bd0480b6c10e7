import { OvertakenError, rebuildMeter, withVerification } from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import { recountEvents, rereadBy, storeSettings } from "./recount-events.ts";

const mostTries = 5;

/** `takings rebuild`: makes ledger and meter what the stored events say. */
export function rebuildCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("rebuild")
    .description("make ledger and meter what the stored events say (DATABASE_URL: the owner of the tables)")
    .action(async () => {
      const env = parseEnv(storeSettings, environment);
      const correct = (): Promise<number> => correctLedger(env.DATABASE_URL, env.STRIPE_ACCOUNT_ID, say);
      const corrected = await unlessOvertaken(correct, say);
      say(`${corrected} entries of the ledger were put right; what they said before stays on record`);
      await rebuildMeter(env.DATABASE_URL);
      say("the meter was made anew");
    });
}

function correctLedger(
  url: string,
  platformAccount: string | undefined,
  say: (line: string) => void,
): Promise<number> {
  return withVerification(url, async (verification) => {
    const counted = await recountEvents(verification, rereadBy(platformAccount));
    for (const { id, detail } of counted.discrepancies) say(`events: ${id} ${detail}`);
    return verification.recount.correct(verification.asOf);
  });
}

/** Traffic may change the very entry that is being put right. Then nothing was, and everything is counted again. */
async function unlessOvertaken<T>(work: () => Promise<T>, say: (line: string) => void): Promise<T> {
  for (let triesLeft = mostTries - 1; ; triesLeft -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OvertakenError) || triesLeft === 0) throw error;
      say("an entry that must be put right changed meanwhile: counting again");
    }
  }
}
