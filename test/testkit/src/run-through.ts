import type { ProcessCommand } from "@takings/local";

/**
 * The command with its program run by another one, such as `env NAME=value` or `prlimit --nofile=128`. PostgreSQL is
 * started as another user by a program of its own; only the server is affected.
 */
export function runThrough(command: ProcessCommand, wrapper: readonly string[]): ProcessCommand {
  const line = [command.command, ...command.args];
  const program = Math.max(
    0,
    line.findIndex((part) => part.endsWith("/postgres")),
  );
  const [name = "", ...args] = line.toSpliced(program, 0, ...wrapper);
  return { ...command, command: name, args };
}

/** The wrapper that adds to a program's environment. */
export function withVariables(env: Readonly<Record<string, string>>): readonly string[] {
  return ["/usr/bin/env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
}
