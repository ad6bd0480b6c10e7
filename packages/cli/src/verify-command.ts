import { type Discrepancy, type Range, type Verification, withVerification } from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import { type CountedEvents, recountEvents, type Reread, rereadBy, storeSettings } from "./recount-events.ts";

type Options = Range & { readonly json?: true };

/** `takings verify`: exits 1 and lists every difference when the store does not add up. */
export function verifyCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("verify")
    .description("count everything again, from the raw events, and compare (DATABASE_URL: a reader will do)")
    .option("--from <instant>", "only entries that occurred at or after this RFC 3339 instant")
    .option("--to <instant>", "only entries that occurred before this RFC 3339 instant")
    .option("--json", "print the report as JSON")
    .action(async (options: Options) => {
      const env = parseEnv(storeSettings, environment);
      const reread = rereadBy(env.STRIPE_ACCOUNT_ID);
      const report = await withVerification(env.DATABASE_URL, (store) => verify(store, reread, options));
      say(options.json ? JSON.stringify(report) : inWords(report));
      if (report.discrepancies.length > 0) process.exitCode = 1;
    });
}

type Report = CountedEvents & { readonly asOf: string };

/** The events against their bodies, the ledger against the events, the meter against the ledger. */
async function verify(store: Verification, reread: Reread, range: Range): Promise<Report> {
  const counted = await recountEvents(store, reread);
  const discrepancies: Discrepancy[] = [
    ...counted.discrepancies,
    ...(await store.recount.compare(store.asOf, range)),
    ...(await store.checkMeter()),
  ];
  return { asOf: store.asOf, ...counted, discrepancies };
}

function inWords({ asOf, events, withoutBody, discrepancies }: Report): string {
  const bodies =
    withoutBody === 0 ? "" : `, ${withoutBody} of them by what was kept when their body was removed`;
  const counted = `counted ${events} events again as of ${asOf}${bodies}`;
  if (discrepancies.length === 0) return `${counted}: events, ledger and meter agree`;
  const lines = discrepancies.map(({ where, id, detail }) => `${where}: ${id} ${detail}`);
  return [`${counted}: ${discrepancies.length} difference(s)`, ...lines].join("\n");
}
