import { expect } from "chai";
import { tieOutCommand } from "../src/tie-out/tie-out-command.ts";
import { type BalanceLedger, balanceLedger } from "./balance-ledger.ts";
import { type ReportFolder, reportFolder } from "./report-files.ts";
import { run } from "./takings.ts";

/** A difference as `takings tie-out --json` prints it. */
type Found = {
  readonly line: number | null;
  readonly id: string;
  readonly kind: string;
  readonly file_says: string | null;
  readonly ledger_says: string | null;
};

/** What `takings tie-out --json` prints, with its exit status. */
type TiedOut = {
  readonly code: number;
  readonly files: readonly {
    readonly file: string;
    readonly report: string | null;
    readonly rows: number | null;
    readonly equal: boolean;
    readonly error?: string;
    readonly notes?: readonly string[];
  }[];
  readonly differences: readonly Found[];
};

/** Runs the tie-out of reports with a ledger of its own. */
export type TieOutRunner = {
  readonly ledger: BalanceLedger;
  readonly folder: ReportFolder;
  /** Compares files by their paths. */
  paths(paths: readonly string[], ...args: string[]): Promise<TiedOut>;
  /** Compares one file with this content. */
  content(content: string | Uint8Array, ...args: string[]): Promise<TiedOut>;
  /** The differences of one file, each as [line, id, kind, file_says, ledger_says]. */
  differences(content: string, ...args: string[]): Promise<readonly (readonly unknown[])[]>;
  /** Why one file cannot be compared. */
  error(content: string | Uint8Array, ...args: string[]): Promise<string>;
  close(): Promise<void>;
};

/** Creates a runner with an empty balance ledger. */
export async function tieOutRunner(): Promise<TieOutRunner> {
  const ledger = await balanceLedger();
  const folder = await reportFolder();
  const env = { DATABASE_URL: ledger.database.readerUrl };
  const paths = async (files: readonly string[], ...args: string[]): Promise<TiedOut> => {
    const { code, output } = await run(tieOutCommand, [...files, "--json", ...args], env);
    expect(output).to.match(/^\{.*\}\n$/);
    return { code, ...JSON.parse(output) };
  };
  const content = async (text: string | Uint8Array, ...args: string[]): Promise<TiedOut> =>
    paths([await folder.write("report.csv", text)], ...args);
  return {
    ledger,
    folder,
    paths,
    content,
    async differences(text, ...args) {
      const { code, differences, files } = await content(text, ...args);
      expect(files[0]?.error).to.equal(undefined);
      expect(code).to.equal(differences.length === 0 ? 0 : 2);
      return differences.map((one) => [one.line, one.id, one.kind, one.file_says, one.ledger_says]);
    },
    async error(text, ...args) {
      const { code, files } = await content(text, ...args);
      expect(code).to.equal(1);
      return files[0]?.error ?? "no error";
    },
    async close() {
      await folder.remove();
      await ledger.close();
    },
  };
}
