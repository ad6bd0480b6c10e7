// How a broken build is made of the real one, without a switch in it: preloaded by a service, these hooks change what
// its modules are. Whatever no longer fits the real modules ends the process at its start, so that no control passes by
// being an ordinary build.
import { type ModuleSource, registerHooks } from "node:module";

/** Gives services the module at `url` where they ask for a package. That module itself gets the real package. */
export function replacePackage(name: string, url: URL): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === name && context.parentURL?.includes("/services/") === true
        ? { url: url.href, format: "module-typescript", shortCircuit: true }
        : next(specifier, context),
  });
}

/** Changes one original, which must be there exactly once, of the module whose path ends like this. */
export function patchModule(file: string, original: string, replacement: string): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(file)) return loaded;
      const source = textOf(loaded.source);
      if (source.split(original).length !== 2)
        throw new Error(`${file} no longer reads "${original}": bring the broken build up to date`);
      return { ...loaded, source: source.replace(original, () => replacement) };
    },
  });
}

function textOf(source: ModuleSource | null | undefined): string {
  return typeof source === "string" ? source : Buffer.from((source ?? []) as Uint8Array).toString();
}
