import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { decodeText } from "./decode-text.ts";
import { FileFault } from "./file-fault.ts";

/** A row of a CSV file with the line on which it begins. The header begins on line 1. */
export type CsvRow = { readonly line: number; readonly cells: readonly string[] };

const rowsPerPage = 1_000;
const readSize = 262_144;
/** A longer row is a quote that is never closed. */
const maxRowSize = 1_000_000;
const lineBreaks = ["\r\n", "\n", "\r"];

/**
 * Reads the names of the columns.
 * @throws FileFault when the file is not comma-separated text.
 */
export async function readHeader(path: string): Promise<readonly string[]> {
  await requireFile(path);
  for await (const { cells } of readRows(path)) {
    const [only = ""] = cells;
    if (cells.length > 1) return cells.map((name) => name.trim());
    const separator = [";", "\t", "|"].find((candidate) => only.includes(candidate));
    if (separator === undefined) break;
    const shown = separator === "\t" ? "tabs" : `"${separator}"`;
    throw new FileFault(`has columns separated by ${shown}; export it again with commas, as Stripe does`);
  }
  throw new FileFault("is not a CSV export of Stripe; download the report as CSV from Stripe's dashboard");
}

/**
 * Reads the rows after the header, in pages, in bounded memory. Lines without any text in their cells are skipped.
 * @throws FileFault when a row has another number of columns than the header, or is not CSV.
 */
export async function* readPages(path: string): AsyncGenerator<readonly CsvRow[]> {
  let page: CsvRow[] = [];
  let columns: number | undefined;
  for await (const row of readRows(path)) {
    if (columns === undefined) {
      columns = row.cells.length;
      continue;
    }
    if (row.cells.length !== columns)
      throw new FileFault(
        `has ${row.cells.length} columns on line ${row.line} and ${columns} in its header: it is cut off or was ` +
          "edited; download it again",
      );
    page.push(row);
    if (page.length < rowsPerPage) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function* readRows(path: string): AsyncGenerator<CsvRow> {
  const parser = parse({
    record_delimiter: lineBreaks,
    relax_column_count: true,
    max_record_size: maxRowSize,
  });
  // A failure of any part reaches the loop through the parser.
  pipeline(createReadStream(path, { highWaterMark: readSize }), decodeText, parser, () => {});
  let line = 1;
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      if (cells.some((cell) => cell.trim() !== "")) yield { line, cells };
      line += 1 + cells.reduce((sum, cell) => sum + countLineBreaks(cell), 0);
    }
  } catch (error) {
    throw error instanceof CsvError ? describe(error) : readFault(error);
  }
}

/**
 * Whether a line break ends the last line of a file.
 * @throws FileFault when it cannot be read.
 */
export async function endsWithLineBreak(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return lineBreaks.includes(buffer.toString("latin1"));
  } catch (error) {
    throw readFault(error);
  }
}

/** Errors of the operating system are about the file, and are made a FileFault. */
function readFault(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") return error;
  return new FileFault(`cannot be read (${code}); check the file and its permissions`);
}

/** The parser reads ahead, so its own count of lines is the one that leads to the place. */
function describe(error: CsvError): FileFault {
  const { code } = error;
  const lines = String(error["lines"]);
  if (code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE")
    return new FileFault(
      `is damaged: a quoted value near line ${lines} never ends: the file is cut off; download it again`,
    );
  return new FileFault(
    `is damaged: what stands near line ${lines} is no CSV (a quote in the wrong place); download it again`,
  );
}

/** Line breaks occur in quoted values only. */
function countLineBreaks(cell: string): number {
  return cell.includes("\n") || cell.includes("\r") ? cell.split(/\r\n|\n|\r/).length - 1 : 0;
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new FileFault("does not exist; check the path");
    throw new FileFault(`cannot be opened (${error.code}); check the path and its permissions`);
  });
  if (found.isDirectory()) throw new FileFault("is a folder; name the CSV files in it");
  if (!found.isFile()) throw new FileFault("is not a regular file; save the export and name that file");
  if (found.size === 0) throw new FileFault("is empty; download the report again");
}
