import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generatedFiles } from "./generated-files.ts";

// pnpm manifests: writes the files of charts/ and k8s/ that are generated from the code.

const root = fileURLToPath(new URL("../../..", import.meta.url));

for (const { path, content } of generatedFiles()) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  process.stdout.write(`${path}\n`);
}
