import { readdirSync } from "node:fs";
import { registerHooks } from "node:module";

// Loads all broken builds, which patch nothing here, and writes what each would patch, as JSON. It is a process of its own
// because some change more than modules.

const directory = new URL("../../broken/", import.meta.url);
const recorder = new URL("recorded-patches.ts", import.meta.url);

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "./patch-modules.ts" ? next(recorder.href, context) : next(specifier, context),
});

const { recorded } = (await import(recorder.href)) as typeof import("./recorded-patches.ts");
const patches: object[] = [];
for (const build of readdirSync(directory).filter((name) => name.endsWith(".ts"))) {
  if (build === "patch-modules.ts") continue;
  await import(new URL(build, directory).href);
  patches.push(...recorded.splice(0).map((patch) => ({ build, ...patch })));
}
process.stdout.write(JSON.stringify(patches));
