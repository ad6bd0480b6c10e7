import {
  changePlatformAccount,
  createPool,
  notePlatformAccount,
  type Verification,
  withVerification,
} from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import { judgeBy } from "./judge-event.ts";
import { type ReadAnew, rebuildEvents } from "./rebuild-events.ts";
import { rebuildLedger } from "./rebuild-ledger.ts";
import { storeSettings } from "./store-settings.ts";
import { inOtherWords } from "./verify-command.ts";

type Pool = ReturnType<typeof createPool>;
type Say = (line: string) => void;
type Options = { readonly changeAccount?: true };

/** A meter of many years takes minutes; this only ends what hangs. */
const statementTimeoutMs = 6 * 60 * 60 * 1_000;
/** Each pass leaves only what traffic touched while it was put right; so many are a sign of something else. */
const mostPasses = 10;

/** `takings rebuild`: makes what is kept of events, the ledger and the meter what the bodies say. */
export function rebuildCommand(environment: Environment, say: Say): Command {
  return new Command("rebuild")
    .description(
      "read all events again and make ledger and meter what they say, beside traffic (DATABASE_URL: the owner of the tables)",
    )
    .option(
      "--change-account",
      "make STRIPE_ACCOUNT_ID the platform's own account instead of the one that the store names (stop the consumers first)",
    )
    .action(async ({ changeAccount }: Options) => {
      const { DATABASE_URL: url, STRIPE_ACCOUNT_ID: configured } = parseEnv(storeSettings, environment);
      const onIdleError = (error: Error): void => say(`a connection broke and is replaced: ${error.message}`);
      const pool = createPool({ url, name: "rebuild", max: 1, statementTimeoutMs, onIdleError });
      try {
        if (changeAccount) await changeAccountTo(pool, configured, say);
        const { account, remarks } = await notePlatformAccount(pool, configured);
        for (const remark of remarks) say(remark);
        const readAnew = (store: Verification): Promise<ReadAnew> =>
          rebuildEvents(pool, store, judgeBy(account));
        const anew = await withVerification(url, readAnew);
        report(anew, say);
        await correctAll(pool, url, say, anew.entries);
        if (anew.trouble !== undefined) throw anew.trouble;
      } finally {
        await pool.end();
      }
    });
}

async function changeAccountTo(pool: Pool, account: string | undefined, say: Say): Promise<void> {
  if (account === undefined) throw new Error("--change-account needs the new account in STRIPE_ACCOUNT_ID");
  await changePlatformAccount(pool, account);
  say(`the platform's own account is ${account} now; consumers that were started with another one end`);
}

function report(
  { events, withoutBody, rewritten, quarantined, unmended, otherRules }: ReadAnew,
  say: Say,
): void {
  const bodies = withoutBody === 0 ? "" : ` (${withoutBody} have no body, and what was read from it stays)`;
  say(`${events} events were read again${bodies}: ${rewritten} of them were written anew`);
  if (quarantined > 0) {
    say(`${quarantined} of them cannot be understood and are in quarantine now: see takings quarantine list`);
  }
  for (const { rules, withoutBody: lost } of otherRules) {
    if (lost > 0) say(inOtherWords({ rules, events: lost, withoutBody: lost }));
  }
  for (const fault of unmended) say(`events: ${fault}`);
  if (unmended.length > 0) process.exitCode = 1;
}

/**
 * Compares and corrects until one snapshot of the whole store shows no difference.
 * @param correctedBefore entries that changed with their events.
 */
async function correctAll(pool: Pool, url: string, say: Say, correctedBefore: number): Promise<void> {
  let corrected = correctedBefore;
  for (let pass = 1; pass <= mostPasses; pass += 1) {
    const done = await withVerification(url, (store) => rebuildLedger(pool, store));
    corrected += done.corrected;
    if (done.meterMade) say("the meter was not what the ledger adds up to and was made anew");
    if (done.different === 0 && !done.meterMade) {
      say(
        `${corrected} entries of the ledger were put right; what they said before stays on record. ` +
          `All ${done.entries} entries are what the events make, and the meter is what they add up to`,
      );
      return;
    }
    say(
      `pass ${pass}: ${done.different} difference(s) in ${done.entries} entries and the gaps beside them; ${done.corrected} entries were put right`,
    );
    if (done.trouble !== undefined) throw done.trouble;
  }
  throw new Error(`the ledger still differed after ${mostPasses} passes: run takings verify to see where`);
}
