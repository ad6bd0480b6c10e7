import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of report files. */
export type ReportFolder = {
  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  readonly path: string;
  remove(): Promise<void>;
};

/** Creates a folder of report files. */
export async function reportFolder(): Promise<ReportFolder> {
  const path = await mkdtemp(join(tmpdir(), "takings-reports-"));
  return {
    path,
    async write(name, content) {
      const file = join(path, name);
      await writeFile(file, content);
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** A CSV file of a header and rows, each cell quoted where it must be. */
export function csv(header: string, ...rows: readonly (readonly string[])[]): string {
  return [header, ...rows.map((cells) => cells.map(quoted).join(","))].map((line) => `${line}\n`).join("");
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
