/** A table of a document, by the names of its columns; code is without its backticks. */
export type MarkdownTable = {
  /** The nearest heading above it. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
};

/** The tables of a document, in its order. Tests read worked examples from them. */
export function markdownTables(text: string): readonly MarkdownTable[] {
  let heading = "";
  const tables: MarkdownTable[] = [];
  for (const block of text.split(/\n{2,}/)) {
    heading = /^#+ (.*)$/m.exec(block)?.[1] ?? heading;
    if (!block.trimStart().startsWith("|")) continue;
    const [columns = [], , ...rows] = block.trim().split("\n").map(cellsOf);
    tables.push({ heading, columns, rows: rows.map((cells) => named(columns, cells)) });
  }
  return tables;
}

function named(columns: readonly string[], cells: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split("|")
    .map((text) => text.trim().replaceAll("`", ""));
}
