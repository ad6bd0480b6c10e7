import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@takings/local";
import {
  type BalanceLife,
  createRandom,
  missedMutation,
  mutatedReportFiles,
  type ReportFile,
  reportFiles,
  type TieOutAnswer,
} from "@takings/simulator";
import { type CommandTarget, runTakings } from "./takings-process.ts";

const dayLength = 86_400;
const timezone = "Asia/Kathmandu";
/** Files of one command: each is a whole report. */
const filesAtOnce = 50;
/** Rows of a report, about: enough for every kind of row. */
const rows = 2_000;

/** What is changed in reports. */
export type TieOutOptions = {
  readonly mutations: number;
  readonly seed: number;
  /** When the reports are made. */
  readonly at: number;
  readonly say: (line: string) => void;
};

/**
 * Holds Stripe's reports about some days of a life against the ledger, first as they are and then with one change each.
 * @throws Error when an unchanged one differs, or a change is not named.
 */
export async function tieOutMutations(
  target: CommandTarget,
  life: BalanceLife,
  transactions: number,
  { mutations, seed, at, say }: TieOutOptions,
): Promise<number> {
  const days = Math.max(3, Math.min(life.days - 8, Math.floor((rows * life.days) / transactions)));
  const from = life.from + 8 * dayLength;
  const range = { from, to: from + days * dayLength, at };
  const files = reportFiles(life, range, { timezone, seed });
  const unchanged = await tieOut(target, files, range);
  if (unchanged.differences.length > 0 || !unchanged.files.every(({ equal }) => equal))
    throw new Error(`reports differ from the ledger: ${JSON.stringify(unchanged).slice(0, 2_000)}`);
  say(`${files.length} reports are equal`);
  const random = createRandom(seed);
  for (let done = 0; done < mutations; done += filesAtOnce) {
    const mutated = mutatedReportFiles(files, Math.min(filesAtOnce, mutations - done), random);
    const answer = await tieOut(target, mutated, range);
    const missed = mutated.flatMap((file) => missedMutation(answer, file) ?? []);
    if (missed.length > 0) throw new Error(`changes that are not named:\n${missed.slice(0, 5).join("\n")}`);
    say(`${done + mutated.length} changes of reports are named`);
  }
  return mutations;
}

async function tieOut(
  target: CommandTarget,
  files: readonly ReportFile[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<TieOutAnswer> {
  const dir = temporaryDirectory("takings-bench-reports-");
  try {
    for (const { name, lines } of files) await writeFile(join(dir, name), lines.join(""));
    const [first, end] = [from, to].map((time) => new Date(time * 1_000).toISOString());
    const range = ["--from", first ?? "", "--to", end ?? "", "--timezone", timezone];
    const paths = files.map(({ name }) => join(dir, name));
    const args = ["tie-out", "--json", "--livemode=false", ...range, ...paths];
    const { status, output, errors } = await runTakings(target, args);
    const line = output.split("\n").find((one) => one.startsWith("{"));
    if (line === undefined) throw new Error(`takings tie-out ended with ${status}:\n${errors.slice(-2_000)}`);
    return JSON.parse(line) as TieOutAnswer;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
