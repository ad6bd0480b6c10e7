import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "@takings/local";
import { monitoringFiles } from "./monitoring-files.ts";

// pnpm monitoring — writes the dashboards and rules that the chart brings along.

for (const [path, text] of Object.entries(monitoringFiles())) {
  const file = join(projectRoot(), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${path}\n`);
}
