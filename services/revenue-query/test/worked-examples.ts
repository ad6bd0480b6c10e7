import { readFileSync } from "node:fs";
import { markdownTables } from "@takings/testkit";

/** An example of docs/revenue.md: the events that Stripe sends, and the resulting revenue per month. */
export type WorkedExample = {
  readonly title: string;
  readonly events: readonly { readonly created: Date; readonly type: string; readonly object: object }[];
  readonly totals: readonly {
    readonly month: string;
    readonly zone: string;
    readonly currency: string;
    readonly gross: string;
    readonly refunded: string;
    readonly disputed: string;
    readonly net: string;
  }[];
};

const document = new URL("../../../docs/revenue.md", import.meta.url);

/** Reads the examples from the document. @throws if one of them does not have the expected form. */
export function readWorkedExamples(): readonly WorkedExample[] {
  const [, chapter = ""] =
    /^## Worked examples$(.*?)(?=^## |$(?![\s\S]))/ms.exec(readFileSync(document, "utf8")) ?? [];
  return chapter
    .split(/^### /m)
    .slice(1)
    .map((section) => readExample(section));
}

function readExample(section: string): WorkedExample {
  const [title = ""] = section.split("\n");
  const [events, totals, ...others] = markdownTables(section).map(({ rows }) => rows);
  if (events === undefined || totals === undefined || others.length > 0)
    throw new Error(`"${title}" must have two tables: the events, and the resulting totals`);
  return {
    title,
    events: events.map((row) => ({
      created: new Date(cell(row, "created")),
      type: cell(row, "event"),
      object: JSON.parse(cell(row, "object")) as object,
    })),
    totals: totals.map((row) => ({
      month: cell(row, "month"),
      zone: cell(row, "zone"),
      currency: cell(row, "currency"),
      gross: cell(row, "gross"),
      refunded: cell(row, "refunded"),
      disputed: cell(row, "disputed"),
      net: cell(row, "net"),
    })),
  };
}

type Row = Readonly<Record<string, string>>;

function cell(row: Row, name: string): string {
  const text = row[name];
  if (text === undefined) throw new Error(`a row has no column ${name}: ${JSON.stringify(row)}`);
  return text;
}
