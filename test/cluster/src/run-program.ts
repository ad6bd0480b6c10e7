import { spawn } from "node:child_process";
import { once } from "node:events";

/** The exit code and the output of a finished program. */
export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  /** Written to standard input. */
  readonly input?: string | undefined;
  /** Standard input stays open after `input` until this settles. */
  readonly inputUntil?: Promise<unknown> | undefined;
  /** The folder in which it runs. */
  readonly cwd?: string | undefined;
  /** The program is killed after this time. */
  readonly timeoutMs?: number | undefined;
};

const defaultTimeoutMs = 120_000;

/** Runs a program of the PATH to its end. @throws when it cannot be started or exceeds its timeout. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input = "", inputUntil, cwd, timeoutMs = defaultTimeoutMs }: RunOptions = {},
): Promise<Outcome> {
  const signal = AbortSignal.timeout(timeoutMs);
  const child = spawn(program, args, { cwd, signal });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A program that exits without reading all of its input is judged by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.write(input);
  const endInput = (): void => void child.stdin.end();
  if (inputUntil === undefined) endInput();
  else inputUntil.then(endInput, endInput);
  try {
    const [code] = await once(child, "close");
    return { code: typeof code === "number" ? code : 1, stdout, stderr };
  } catch (cause) {
    throw new Error(`${commandLine(program, args)} failed: ${String(cause)} ${stderr.trim()}`, { cause });
  }
}

/** Runs a program that must succeed and returns its standard output. @throws on any other exit code than 0. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, options);
  if (code === 0) return stdout;
  throw new Error(`${commandLine(program, args)} exited with ${code}: ${(stderr || stdout).trim()}`);
}

/** True when the program is on the PATH. */
export async function isInstalled(program: string): Promise<boolean> {
  return runProgram("sh", ["-c", `command -v ${program}`]).then(({ code }) => code === 0);
}

function commandLine(program: string, args: readonly string[]): string {
  return [program, ...args.slice(0, 4), ...(args.length > 4 ? ["…"] : [])].join(" ");
}
