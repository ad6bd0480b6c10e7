import { ConfigError } from "@takings/runtime";

/** Reports why a repeated run failed; the next one may succeed, unless the settings are wrong. */
export function reportFailure(stopping: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (!stopping.aborted) process.stderr.write(`takings: ${reason}\n`);
  };
}
