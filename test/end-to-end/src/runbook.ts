import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testVariable, nodeCommand } from "@takings/testkit";

type Env = Readonly<Record<string, string>>;
export type CommandResult = { readonly code: number; readonly output: string };

const runbooks = new URL("../../../docs/runbooks/", import.meta.url);
const main = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));

/** The commands of a section in order: its fenced `sh` blocks, up to the next heading. */
function commandsOf(document: string, section: string): string[] {
  const [, text] = readFileSync(new URL(document, runbooks), "utf8").split(
    new RegExp(`^#+ ${section}$`, "m"),
  );
  if (text === undefined) throw new Error(`${document} has no section "${section}"`);
  const [own = ""] = text.split(/^#+ [A-Z]/m);
  const blocks = own.matchAll(/^( *)```sh\n([^]*?)^\1```$/gm);
  return [...blocks].map(([, indent = "", block = ""]) =>
    block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

/** Executes the commands of a section one by one, exactly as written. */
export type Followed = {
  /** Runs the next command. @throws Error if it is not the given one, or if it fails. */
  next(command: string, env?: Env): Promise<string>;
  /** @throws Error if a command of the section was not run. */
  end(): void;
};

/** The URLs with the login of each command, as in an installation. */
export type Access = {
  readonly nats: Readonly<Record<"admin" | "purger" | "reconcile", string>>;
  readonly database: Readonly<Record<"migrator" | "reader" | "purger" | "reconciler", string>>;
};

/** A shell in which `takings` is the real command line; each command gets its own login. */
export type Operator = {
  run(script: string, env?: Env): Promise<CommandResult>;
  /** @param document a file in docs/runbooks. */
  follow(section: string, document?: string): Followed;
};

/** @param env settings of all commands. */
export function createOperator({ nats, database }: Access, env: Env = {}): Operator {
  const bin = mkdtempSync(join(testVariable("TEST_DIR"), "bin-"));
  const program = join(bin, "takings");
  writeFileSync(
    program,
    `#!/bin/sh
case "$1" in
  stream) export NATS_URL='${nats.admin}' ;;
  purge) export NATS_URL='${nats.purger}' DATABASE_URL='${database.purger}' ;;
  reconcile|balance) export NATS_URL='${nats.reconcile}' DATABASE_URL='${database.reconciler}' ;;
  migrate) export DATABASE_URL='${database.migrator}' ;;
  *) export DATABASE_URL='${database.reader}' ;;
esac
exec '${process.execPath}' '${main}' "$@"
`,
  );
  chmodSync(program, 0o755);
  const run = (script: string, more: Env = {}): Promise<CommandResult> => {
    const { env: variables } = nodeCommand([], { PATH: `${bin}:/usr/bin:/bin`, ...env, ...more });
    return new Promise((resolve) => {
      execFile("sh", ["-ec", script], { env: variables }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });
  };
  return {
    run,
    follow: (section, document = "recovery.md") => follow(section, commandsOf(document, section), run),
  };
}

function follow(section: string, commands: string[], run: Operator["run"]): Followed {
  return {
    async next(command, env) {
      const block = commands.shift();
      const written = block?.replace(/\s+#.*/, "").trim();
      if (block === undefined || written !== command)
        throw new Error(
          `section "${section}" has ${written ?? "no further command"}, the test expects ${command}`,
        );
      const { code, output } = await run(block, env);
      if (code !== 0) throw new Error(`${command} of "${section}" failed: ${output}`);
      return output;
    },
    end() {
      if (commands.length > 0)
        throw new Error(`section "${section}" has untested commands: ${commands.join("\n")}`);
    },
  };
}
