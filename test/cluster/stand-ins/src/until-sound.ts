import { setTimeout as pause } from "node:timers/promises";

/** What a stand-in checks: a title, and a function that returns the problems that it found. */
export type Check = { readonly title: string; problems(): Promise<readonly string[]> | readonly string[] };

/** A request of `fetch`, without its URL. */
type Request = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
};

const pauseMs = 500;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Repeats the checks in order until none of them finds a problem, and prints each that has passed and each new problem.
 * Servers in other pods may start later.
 */
export async function untilSound(checks: readonly Check[]): Promise<void> {
  for (const { title, problems } of checks) {
    let said = "";
    for (;;) {
      const found = (await problems()).join("; ");
      if (found === "") break;
      if (found !== said) say(`stand-in: FAILED ${title}: ${found}`);
      said = found;
      await pause(pauseMs);
    }
    say(`stand-in: checked ${title}`);
  }
}

/**
 * The problem of a request that must be answered as expected; undefined when it was. Each request has a connection of its
 * own: one from the moment before the Service was routed leads to another server for as long as it is kept.
 */
export async function requestProblem(
  url: string,
  isExpected: (status: number, body: string) => boolean,
  init: Request = {},
): Promise<string | undefined> {
  try {
    const headers = { ...init.headers, connection: "close" };
    const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(2_000) });
    const body = await response.text();
    return isExpected(response.status, body)
      ? undefined
      : `${url} answered ${response.status} ${body.trim()}`;
  } catch (error) {
    const { cause = error } = error as Error;
    return `${url} cannot be reached: ${String(cause)}`;
  }
}
