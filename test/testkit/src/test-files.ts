import { globSync } from "node:fs";

// Fast ones first: an error in the arithmetic is found before a server is needed.
const order = ["domain", "wire", "runtime", "telemetry", "local", "nats", "postgres"];

/** Tests that need more: `pnpm test:browser`, `test:chart`, `test:e2e`, `test:telemetry`. */
const needMore = ["test/browser", "test/cluster", "test/telemetry"];

/**
 * Tests that execute the commands of runbooks as written, those of an endpoint's life, and one of the demo: `pnpm test:runbooks`.
 * They take two minutes.
 */
const runbooks = /^test\/end-to-end\/(restore|recovery|endpoint|demo-page|runbook[\w-]*)\.test\.ts$/;

/** The project's test files in the order in which they run, as paths relative to the root. */
export function testFiles(root: string, suite: "default" | "runbooks" = "default"): string[] {
  const patterns = ["packages/*/test/**/*.test.ts", "services/*/test/**/*.test.ts", "test/**/*.test.ts"];
  const exclude = (path: string): boolean => path.endsWith("node_modules") || needMore.includes(path);
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude }).toSorted());
  const chosen = files.filter((file) => runbooks.test(file) === (suite === "runbooks"));
  return chosen.toSorted((a, b) => rank(a) - rank(b));
}

function rank(file: string): number {
  const [top, name = ""] = file.split("/");
  if (top === "services") return order.length + 1;
  if (top === "test") return order.length + 2;
  return order.includes(name) ? order.indexOf(name) : order.length;
}

/**
 * Distributes the files to so many rounds, each in order. The last files, which take longest, go to the first rounds, so
 * that the last rounds are short.
 */
export function roundsOf(files: readonly string[], rounds: number): string[][] {
  const distributed = Array.from({ length: rounds }, (_, round) =>
    files.filter((_file, index) => (files.length - 1 - index) % rounds === round),
  );
  return distributed.filter((round) => round.length > 0);
}
