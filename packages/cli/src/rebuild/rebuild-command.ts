import { defaultSource } from "@takings/domain";
import {
  changePlatformAccount,
  registerPlatformAccounts,
  type Verification,
  withVerification,
} from "@takings/postgres";
import { databaseUrl, type Environment, parseEnv, readSources } from "@takings/runtime";
import { Command } from "commander";
import { z } from "zod";
import type { Print } from "../command.ts";
import { type Pool, withPool } from "../connections/database.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { sourceOption } from "../options/source.ts";
import { databaseHelp } from "../settings/database.ts";
import { accountHelp, configuredAccounts, storeSettings } from "../settings/store.ts";
import { createEventChecker } from "../stored-events/check-event.ts";
import { describeOtherRules } from "../stored-events/count-events.ts";
import { type RebuiltEvents, rebuildEvents } from "./rebuild-events.ts";
import { rebuildBalance } from "./rebuild-balance.ts";
import { rebuildLedger } from "./rebuild-ledger.ts";

type Options = { readonly changeAccount?: true; readonly source?: string };

const settings = storeSettings.extend({ STRIPE_SOURCES_FILE: z.string().min(1).optional() });
type Settings = z.output<typeof settings>;

/** Rebuilding the rollup of many years takes minutes; this ends only statements that hang. */
const statementTimeoutMs = 6 * 60 * 60 * 1_000;
/** Each pass leaves only what changed while it ran, so that many passes indicate another problem. */
const maxPasses = 10;

/** `takings rebuild`: corrects the stored events, the ledger and the rollup from the bodies of the events. */
export function rebuildCommand(environment: Environment, print: Print): Command {
  return new Command("rebuild")
    .description(
      "read all stored events again and correct the ledger and the rollup accordingly; services keep running",
    )
    .option(
      "--change-account",
      "replace the platform's own account in the database with STRIPE_ACCOUNT_ID (stop the consumers first)",
    )
    .option(
      "--source <name>",
      "with --change-account: replace that of this source, with its account_id in STRIPE_SOURCES_FILE",
      sourceOption,
    )
    .addHelpText(
      "after",
      environmentHelp({
        ...databaseHelp("as the owner of the tables (takings_migrator)"),
        STRIPE_ACCOUNT_ID: accountHelp,
        STRIPE_SOURCES_FILE: "file with the account ids of the other sources, for --change-account",
      }),
    )
    .action(async ({ changeAccount, source = defaultSource }: Options) => {
      const env = parseEnv(settings, environment);
      const url = databaseUrl(env);
      if (source !== defaultSource && changeAccount === undefined)
        throw new Error("--source needs --change-account: a rebuild is of all sources");
      await withPool({ url, name: "rebuild", statementTimeoutMs, print }, async (pool) => {
        if (changeAccount) await changeAccountOf(pool, source, env, print);
        const { accounts, remarks } = await registerPlatformAccounts(pool, configuredAccounts(env));
        for (const remark of remarks) print(remark);
        const rebuildWith = (store: Verification): Promise<RebuiltEvents> =>
          rebuildEvents(pool, store, createEventChecker(accounts));
        const rebuilt = await withVerification(url, rebuildWith);
        report(rebuilt, print);
        await correctAll(pool, url, print, rebuilt.entries);
        await correctBalanceAll(pool, url, print, rebuilt.balance);
        if (rebuilt.failure !== undefined) throw rebuilt.failure;
      });
    });
}

async function changeAccountOf(pool: Pool, source: string, env: Settings, print: Print): Promise<void> {
  const { account, place } = newAccountOf(source, env);
  if (account === undefined) throw new Error(`--change-account needs the new account in ${place}`);
  await changePlatformAccount(pool, source, account);
  const whose = source === defaultSource ? "the platform's own account" : `the account of source ${source}`;
  print(`${whose} is ${account} now; consumers that were started with another one will exit`);
}

function newAccountOf(source: string, env: Settings): { account: string | undefined; place: string } {
  if (source === defaultSource) return { account: env.STRIPE_ACCOUNT_ID, place: "STRIPE_ACCOUNT_ID" };
  const { STRIPE_SOURCES_FILE: file } = env;
  const account = file === undefined ? undefined : readSources(file).get(source)?.accountId;
  return { account, place: `account_id of source ${source} in STRIPE_SOURCES_FILE` };
}

function report(
  { events, withoutBody, rewritten, quarantined, unrepaired, otherRules }: RebuiltEvents,
  print: Print,
): void {
  const bodies = withoutBody === 0 ? "" : ` (${withoutBody} without a body, whose facts stay as they are)`;
  print(`${events} events were read again${bodies}: ${rewritten} of them were rewritten`);
  if (quarantined > 0) {
    print(
      `${quarantined} of them cannot be understood and are in quarantine now: see takings quarantine list`,
    );
  }
  for (const { rules, withoutBody: lost } of otherRules) {
    if (lost > 0) print(describeOtherRules({ rules, events: lost, withoutBody: lost }));
  }
  for (const fault of unrepaired) print(`events: ${fault}`);
  if (unrepaired.length > 0) process.exitCode = 1;
}

/**
 * Compares and corrects until one snapshot of the database shows no difference.
 * @param correctedBefore entries that were corrected together with their events.
 */
async function correctAll(pool: Pool, url: string, print: Print, correctedBefore: number): Promise<void> {
  let corrected = correctedBefore;
  for (let pass = 1; pass <= maxPasses; pass += 1) {
    const done = await withVerification(url, (store) => rebuildLedger(pool, store));
    corrected += done.corrected;
    if (done.rollupRebuilt) print("the rollup differed from the ledger and was rebuilt");
    if (done.different === 0 && !done.rollupRebuilt) {
      print(
        `${corrected} entries of the ledger were corrected; their earlier values stay on record. ` +
          `All ${done.entries} entries match the events, and the rollup matches the ledger`,
      );
      return;
    }
    print(
      `pass ${pass}: ${done.different} difference(s) in ${done.entries} entries and in gaps; ${done.corrected} entries were corrected`,
    );
    if (done.failure !== undefined) throw done.failure;
  }
  throw new Error(
    `the ledger still differs from the events after ${maxPasses} passes: run takings verify to see where`,
  );
}

/** As {@link correctAll}, for the balance. */
async function correctBalanceAll(
  pool: Pool,
  url: string,
  print: Print,
  correctedBefore: number,
): Promise<void> {
  let corrected = correctedBefore;
  for (let pass = 1; pass <= maxPasses; pass += 1) {
    const done = await withVerification(url, (store) => rebuildBalance(pool, store));
    corrected += done.corrected;
    if (done.rollupRebuilt) print("the sums of the balance differed from its transactions and were rebuilt");
    if (done.different === 0 && !done.rollupRebuilt) {
      for (const fault of done.refused) print(`events: ${fault}`);
      if (done.refused.length > 0) process.exitCode = 1;
      if (done.compared + corrected > 0)
        print(
          `${corrected} balance transactions and payouts were corrected; their earlier values stay on record. ` +
            `All ${done.compared} match the events, and the sums match the transactions`,
        );
      return;
    }
    print(
      `pass ${pass}: ${done.different} difference(s) in ${done.compared} balance transactions and payouts`,
    );
  }
  throw new Error(
    `the balance still differs from the events after ${maxPasses} passes: run takings verify to see where`,
  );
}
