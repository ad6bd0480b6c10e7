import { globSync } from "node:fs";

// Fast ones first: a mistake in the arithmetic shows before a server is needed.
const order = ["domain", "wire", "runtime", "telemetry", "local", "nats", "postgres"];

/** The project's test files in the order in which they run, as paths relative to the root. */
export function testFiles(root: string): string[] {
  const patterns = ["packages/*/test/**/*.test.ts", "services/*/test/**/*.test.ts", "test/**/*.test.ts"];
  const exclude = (path: string): boolean => path.endsWith("node_modules");
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude }).toSorted());
  return files.toSorted((a, b) => rank(a) - rank(b));
}

function rank(file: string): number {
  const [top, name = ""] = file.split("/");
  if (top === "services") return order.length + 1;
  if (top === "test") return order.length + 2;
  return order.includes(name) ? order.indexOf(name) : order.length;
}

/** The files dealt out to so many lanes, each in their order. */
export function lanesOf(files: readonly string[], lanes: number): string[][] {
  return Array.from({ length: lanes }, (_, lane) => files.filter((_file, index) => index % lanes === lane));
}
