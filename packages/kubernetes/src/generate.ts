import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "@takings/local";
import { generatedFiles } from "./generated-files.ts";

// pnpm kubernetes: writes what the charts and k8s/ hold of the code's own definitions.

for (const { path, content } of generatedFiles()) {
  const file = join(projectRoot(), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  process.stdout.write(`${path}\n`);
}
