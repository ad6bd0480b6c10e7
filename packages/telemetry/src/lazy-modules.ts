import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** What sdk-node and the automatic instrumentations load so that it can be configured; a process uses little of it. */
const rarelyUsed =
  /^@opentelemetry\/(?:configuration$|exporter-|instrumentation-|otlp-grpc-exporter-base$|propagator-|resource-detector-)/;
const lazyScheme = "takings-lazy:";
const require = createRequire(import.meta.url);

/**
 * Calls `load`, which requires CommonJS modules. Of what they require themselves, modules that are rarely used are loaded
 * when they are: 22 MB and an eighth of a second less in each service. What `OTEL_*` variables select is used, and so
 * loaded.
 */
export function requireLazily<T>(load: (require: NodeJS.Require) => T): T {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (!rarelyUsed.test(specifier)) return resolved;
      return { url: lazyScheme + resolved.url, format: "commonjs", shortCircuit: true };
    },
    load(url, context, next) {
      if (!url.startsWith(lazyScheme)) return next(url, context);
      const file = fileURLToPath(url.slice(lazyScheme.length));
      const helper = JSON.stringify(fileURLToPath(import.meta.url));
      const source = `module.exports = require(${helper}).lazyModule(${JSON.stringify(file)})`;
      return { format: "commonjs", source, shortCircuit: true };
    },
  });
  try {
    return load(require);
  } finally {
    hooks.deregister();
  }
}

/**
 * Stands for the module in a file, which is loaded when one of its exports is read. Classes of instrumentations are all
 * read at the start, into a table; they are loaded when one is constructed.
 * @public required by the source that the hook makes.
 */
export function lazyModule(file: string): object {
  const load = (): Record<string, unknown> => require(file) as Record<string, unknown>;
  return new Proxy(
    {},
    {
      get: (_, name) =>
        String(name).endsWith("Instrumentation") ? lazyClass(load, name) : Reflect.get(load(), name),
    },
  );
}

function lazyClass(load: () => object, name: string | symbol): object {
  return new Proxy(Object, {
    construct: (_, values: readonly unknown[]) =>
      Reflect.construct(Reflect.get(load(), name) as new () => object, values),
  });
}
