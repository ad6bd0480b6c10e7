import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nodeCommand } from "@takings/testkit";
import type { MakeCommand } from "../src/command.ts";

export type Ended = { readonly code: number; readonly output: string };
type Env = Readonly<Record<string, string>>;

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Runs `takings` as a separate process with only this environment. */
export function takings(args: readonly string[], env: Env = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const program = nodeCommand([main, ...args], env);
    execFile(program.command, program.args, program, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, output: stdout + stderr });
    });
  });
}

/** Runs one command in this process, which is faster; returns what the process would have returned. */
export async function run(make: MakeCommand, args: readonly string[], env: Env): Promise<Ended> {
  let output = "";
  const command = make(env, (line) => {
    output += `${line}\n`;
  });
  const exitCode = process.exitCode;
  try {
    await command.parseAsync([...args], { from: "user" });
    return { code: Number(process.exitCode ?? 0), output };
  } catch (error) {
    return {
      code: 1,
      output: `${output}takings: ${error instanceof Error ? error.message : String(error)}\n`,
    };
  } finally {
    process.exitCode = exitCode;
  }
}
