import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain, startReaper, watchLaunchers } from "@takings/local";
import { Command, InvalidArgumentError } from "commander";
import { allCases } from "./cases/index.ts";
import { runFaultCases } from "./run-fault-cases.ts";

type Options = {
  readonly seed: number;
  readonly cycles?: number;
  readonly case: readonly string[];
  readonly list?: true;
};

const options = new Command("pnpm test:faults")
  .description(
    "Injects faults into an installation of real processes and checks the invariants afterwards. Without options: the default set, then the broken builds whose defects it must detect.",
  )
  .option("--seed <number>", "seed of traffic and faults; the same seed gives the same run", wholeNumber, 1)
  .option("--cycles <number>", "how often each fault is injected; a few times by default", wholeNumber)
  .option("--case <title>", "run only this case; may be repeated", collect, [])
  .option("--list", "list the cases and exit")
  .parse()
  .opts<Options>();

const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (options.list) {
  for (const { title, fault, expectation } of allCases)
    say(`${title.padEnd(50)} ${fault}${expectation === undefined ? "" : `: ${expectation}`}`);
  process.exit(0);
}

const dir = mkdtempSync(join(tmpdir(), "takings-faults-"));
mkdirSync(dir, { recursive: true });
const reaper = startReaper();
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
if (process.env["npm_lifecycle_event"] !== undefined) watchLaunchers(() => stopping.abort());

let failed = 1;
try {
  const known = new Set(allCases.map(({ title }) => title));
  const unknown = options.case.filter((title) => !known.has(title));
  if (unknown.length > 0) throw new Error(`Unknown case "${unknown.join('", "')}": --list shows all titles.`);
  const cases = allCases.filter(({ title, onRequest = false }) =>
    options.case.length === 0 ? !onRequest : options.case.includes(title),
  );
  const result = await runFaultCases({
    cases,
    dir,
    env: process.env,
    reaper,
    seed: options.seed,
    cycles: options.cycles,
    signal: stopping.signal,
    out: process.stdout,
  });
  failed = result.failed;
  say(`${result.passed} passed, ${result.failed} failed`);
} catch (error) {
  say(explain(error));
  say("0 passed, 1 failed");
}
if (failed === 0) rmSync(dir, { recursive: true, force: true });
else say(`Logs, data and history of the failed cases: ${dir}`);
reaper.dismiss();
process.exit(failed === 0 ? 0 : 1);

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("Give a whole number below 1,000,000.");
  return value;
}

function collect(title: string, titles: readonly string[]): string[] {
  return [...titles, title];
}
