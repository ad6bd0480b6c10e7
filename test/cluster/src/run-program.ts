import { spawn } from "node:child_process";
import { once } from "node:events";

/** How a program ended. */
export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly input?: string | undefined;
  /** Ends the program, and with it the wait. */
  readonly timeoutMs?: number | undefined;
};

const defaultTimeoutMs = 120_000;

/** Runs a program of the PATH to its end. @throws when it cannot be started or takes too long. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input, timeoutMs = defaultTimeoutMs }: RunOptions = {},
): Promise<Outcome> {
  const signal = AbortSignal.timeout(timeoutMs);
  const child = spawn(program, args, { signal });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A program that ends without reading everything is judged by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  try {
    const [code] = await once(child, "close");
    return { code: typeof code === "number" ? code : 1, stdout, stderr };
  } catch (cause) {
    const command = [program, ...args.slice(0, 4)].join(" ");
    throw new Error(`${command} … did not end well: ${String(cause)} ${stderr.trim()}`, { cause });
  }
}

/** The same, for programs that must succeed. @returns what it wrote. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, options);
  if (code === 0) return stdout;
  throw new Error(`${program} ${args.slice(0, 4).join(" ")} … exits ${code}: ${(stderr || stdout).trim()}`);
}

/** True when the program is on the PATH. */
export async function isInstalled(program: string): Promise<boolean> {
  return runProgram("sh", ["-c", `command -v ${program}`]).then(({ code }) => code === 0);
}
