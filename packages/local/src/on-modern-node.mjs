// What every script of package.json runs first, in JavaScript that old versions understand: they cannot even read the
// rest. Runs the program that its first argument names, with the arguments behind it.
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    `Takings runs on Node 24.12 or newer, and this is ${process.versions.node} (${process.execPath}). ` +
      `The project brings one for Linux and macOS on x64 and arm64 unless optional packages are left out: ` +
      `run "npx -y pnpm@12.21.0 install" without such a setting, or install Node 24.12 or newer.\n`,
  );
  process.exit(1);
}
const { enableCompileCache } = await import("node:module");
// What node makes of the sources is kept, as for the programs that this one starts: it saves a quarter of every start.
enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/compiled", import.meta.url)));
process.argv.splice(1, 2, resolve(process.argv[2] ?? ""));
await import(pathToFileURL(process.argv[1] ?? "").href);
