import {
  changePlatformAccount,
  createPool,
  registerPlatformAccount,
  type Verification,
  withVerification,
} from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import { createEventChecker } from "../stored-events/check-event.ts";
import { type RebuiltEvents, rebuildEvents } from "./rebuild-events.ts";
import { rebuildLedger } from "./rebuild-ledger.ts";
import { storeSettings } from "../access/database.ts";
import { describeOtherRules } from "../verify/verify-command.ts";

type Pool = ReturnType<typeof createPool>;
type Say = (line: string) => void;
type Options = { readonly changeAccount?: true };

/** A rollup of many years takes minutes; this only ends what hangs. */
const statementTimeoutMs = 6 * 60 * 60 * 1_000;
/** Each pass leaves only what traffic touched while it was put right; so many are a sign of something else. */
const maxPasses = 10;

/** `takings rebuild`: makes what is kept of events, the ledger and the rollup what the bodies say. */
export function rebuildCommand(environment: Environment, say: Say): Command {
  return new Command("rebuild")
    .description(
      "read all events again and make ledger and rollup what they say, beside traffic (DATABASE_URL: the owner of the tables)",
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
        const { account, remarks } = await registerPlatformAccount(pool, configured);
        for (const remark of remarks) say(remark);
        const rebuildWith = (store: Verification): Promise<RebuiltEvents> =>
          rebuildEvents(pool, store, createEventChecker(account));
        const rebuilt = await withVerification(url, rebuildWith);
        report(rebuilt, say);
        await correctAll(pool, url, say, rebuilt.entries);
        if (rebuilt.failure !== undefined) throw rebuilt.failure;
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
  { events, withoutBody, rewritten, quarantined, unrepaired, otherRules }: RebuiltEvents,
  say: Say,
): void {
  const bodies = withoutBody === 0 ? "" : ` (${withoutBody} have no body, and what was read from it stays)`;
  say(`${events} events were read again${bodies}: ${rewritten} of them were rewritten`);
  if (quarantined > 0) {
    say(`${quarantined} of them cannot be understood and are in quarantine now: see takings quarantine list`);
  }
  for (const { rules, withoutBody: lost } of otherRules) {
    if (lost > 0) say(describeOtherRules({ rules, events: lost, withoutBody: lost }));
  }
  for (const fault of unrepaired) say(`events: ${fault}`);
  if (unrepaired.length > 0) process.exitCode = 1;
}

/**
 * Compares and corrects until one snapshot of the whole store shows no difference.
 * @param correctedBefore entries that changed with their events.
 */
async function correctAll(pool: Pool, url: string, say: Say, correctedBefore: number): Promise<void> {
  let corrected = correctedBefore;
  for (let pass = 1; pass <= maxPasses; pass += 1) {
    const done = await withVerification(url, (store) => rebuildLedger(pool, store));
    corrected += done.corrected;
    if (done.rollupRebuilt) say("the rollup was not what the ledger adds up to and was rebuilt");
    if (done.different === 0 && !done.rollupRebuilt) {
      say(
        `${corrected} entries of the ledger were corrected; what they said before stays on record. ` +
          `All ${done.entries} entries are what the events make, and the rollup is what they add up to`,
      );
      return;
    }
    say(
      `pass ${pass}: ${done.different} difference(s) in ${done.entries} entries and the gaps beside them; ${done.corrected} entries were corrected`,
    );
    if (done.failure !== undefined) throw done.failure;
  }
  throw new Error(`the ledger still differed after ${maxPasses} passes: run takings verify to see where`);
}
