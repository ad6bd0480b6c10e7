import { stripVTControlCharacters, styleText } from "node:util";
import type { Result } from "./run-checks.ts";

type Status = Result["status"];

/** The status of all checks together: something to do outweighs what could not be found out. */
export function overallStatus(results: readonly Result[]): Status {
  const has = (status: Status): boolean => results.some((result) => result.status === status);
  return has("todo") ? "todo" : has("unknown") ? "unknown" : "ok";
}

/** The exit code of each status. */
export const exitCodes: Readonly<Record<Status, number>> = { ok: 0, unknown: 1, todo: 2 };

/** One object with all checks. */
export function reportAsJson(results: readonly Result[]): string {
  const checks = results.map(({ advice, ...result }) => ({ ...result, advice: advice ?? null }));
  return JSON.stringify({ status: overallStatus(results), checks });
}

/** One line for each check, and one with their number. Colours only where a terminal shows them. */
export function reportLines(results: readonly Result[], stream: NodeJS.WritableStream): readonly string[] {
  const width = Math.max(...results.map(({ name }) => name.length));
  const count = (is: (result: Result) => boolean): number => results.filter(is).length;
  return [
    ...results.map((result) => {
      const advice = result.advice === undefined ? "" : `; ${result.advice}`;
      const text = oneLine(`${result.found}${advice}`);
      return `${markOf(result, stream)}  ${result.name.padEnd(width)}  ${text}`;
    }),
    `${count(({ status, asked }) => status === "ok" && asked)} ok, ${count(({ status }) => status === "todo")} to do, ` +
      `${count(({ status }) => status === "unknown")} unknown, ${count(({ asked }) => !asked)} not asked`,
  ];
}

const marks = {
  ok: { text: "ok", colour: "green" },
  todo: { text: "do", colour: "red" },
  unknown: { text: "? ", colour: "yellow" },
} as const;

function markOf({ status, asked }: Result, stream: NodeJS.WritableStream): string {
  if (!asked) return "- ";
  const { text, colour } = marks[status];
  return styleText(colour, text, { stream });
}

/** Text of a server can contain line ends and control characters. */
function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, " ").trim();
}
