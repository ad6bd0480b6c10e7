import { readFileSync } from "node:fs";
import { type MarkdownTable, markdownTables } from "@takings/testkit";

/** The event types that a document recommends for an endpoint, by reason. */
export type EventChoice = ReadonlyMap<string, readonly string[]>;

/** Reads the table whose columns are `choose` and `event types`. @param name from the top of the repository. */
export function readEventChoice(name: string): EventChoice {
  const text = readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
  const table = markdownTables(text).find(isChoice);
  if (table === undefined) throw new Error(`${name} has no table of event types to choose`);
  const choice = new Map<string, string[]>();
  for (const { choose = "", "event types": types = "" } of table.rows) {
    choice.set(choose, [...(choice.get(choose) ?? []), ...types.split(/, /)].toSorted());
  }
  return choice;
}

function isChoice({ columns }: MarkdownTable): boolean {
  return columns.includes("choose") && columns.includes("event types");
}
