import { dirname, join } from "node:path";
import type { Manifest } from "../render.ts";
import { mustRun } from "../run-program.ts";

/** A call of one of Tilt's functions, with its arguments by name. */
export type Call = { readonly function: string; readonly line: number; readonly arguments: Manifest };

/** Tilt refuses the Tiltfile. */
export class TiltfileError extends Error {}

/**
 * Runs a Tiltfile in its folder and returns the calls that it makes. Python runs it, because Starlark is
 * nearly a subset of Python (starlark.py rejects the rest), and because helm_resource needs python3 anyway.
 * @throws TiltfileError when the Tiltfile fails or calls a function with other parameters than Tilt's
 */
export async function runTiltfile(file: string): Promise<readonly Call[]> {
  const script = (name: string): string => join(import.meta.dirname, name);
  const yamlToJson = [process.execPath, script("yaml-to-json.mjs")];
  const output = await mustRun("python3", [script("evaluate.py"), file, ...yamlToJson], {
    cwd: dirname(file),
  });
  const { calls, error } = JSON.parse(output);
  if (error !== null) throw new TiltfileError(error);
  return calls;
}
