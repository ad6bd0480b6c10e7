import { readdir, readFile } from "node:fs/promises";
import type { Environment } from "@takings/runtime";
import { type Check, faultsOr, notAsked } from "../check.ts";
import { knownSecrets, urlVariables } from "./secret-variables.ts";

/** Whether a secret that is set here stands in the arguments of a process, which everybody on the machine can read. */
export function argumentsCheck(environment: Environment): Check {
  return {
    name: "settings/arguments",
    async run() {
      const secrets = await knownSecrets(environment);
      if (secrets.size === 0) return notAsked("no secret is set here");
      const processes = await readProcesses();
      const exposed = processes.flatMap(({ pid, line }) =>
        [...secrets]
          .filter(([secret, name]) =>
            urlVariables.includes(name) ? isWholeIn(line, secret) : line.includes(secret),
          )
          .map(([, name]) => `a secret of ${name} is an argument of process ${pid}`),
      );
      return faultsOr(
        [...new Set(exposed)],
        "pass secrets in the environment or in files, and replace this one",
        `no secret is an argument of the ${processes.length} processes that can be seen here`,
      );
    },
  };
}

/**
 * Whether a command line has a password as a value: after `=`, or between `:` and `@` in a URL. One such as `postgres` may be
 * an innocent argument, or part of one.
 */
function isWholeIn(line: string, password: string): boolean {
  return (
    line.includes(`:${password}@`) || line.split("\0").some((argument) => argument.endsWith(`=${password}`))
  );
}

type ProcessLine = { readonly pid: number; readonly line: string };

/** The command lines of all processes, on Linux; elsewhere that of this process only. */
async function readProcesses(): Promise<readonly ProcessLine[]> {
  const entries = await readdir("/proc").catch(() => []);
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  if (pids.length === 0) return [{ pid: process.pid, line: process.argv.join("\0") }];
  // A process may have ended meanwhile.
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return pids.map((pid, index) => ({ pid, line: lines[index] ?? "" })).filter(({ line }) => line !== "");
}
