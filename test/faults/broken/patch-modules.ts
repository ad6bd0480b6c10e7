// Turns a real build into a broken one, without a switch in production code: a service preloads these hooks, which change
// its modules. A patch that does not fit any more ends the process at its start, so that no broken build is an ordinary
// one by mistake.
import { type ModuleSource, registerHooks } from "node:module";

/** Services that import the package get the module at `url`, which itself gets the real package. */
export function replacePackage(name: string, url: URL): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === name && context.parentURL?.includes("/services/") === true
        ? { url: url.href, format: "module-typescript", shortCircuit: true }
        : next(specifier, context),
  });
}

/** Replaces a passage, which must occur exactly once, in the module whose path ends with `file`. */
export function patchModule(file: string, original: string, replacement: string): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(file)) return loaded;
      const source = textOf(loaded.source);
      if (source.split(original).length !== 2)
        throw new Error(`${file} does not contain "${original}" exactly once: update the broken build`);
      return { ...loaded, source: source.replace(original, () => replacement) };
    },
  });
}

function textOf(source: ModuleSource | null | undefined): string {
  return typeof source === "string" ? source : Buffer.from((source ?? []) as Uint8Array).toString();
}
