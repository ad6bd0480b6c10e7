/** What a documented setting takes. `anything` has fields of its own that the documentation leaves to another project. */
type Leaf = "text" | "number" | "flag" | "duration" | "texts" | "anything";

/** The documented fields of a configuration. A list of one element stands for a list of such objects. */
export type Fields = { readonly [name: string]: Leaf | Fields | readonly [Fields] };

const checks: Readonly<Record<Leaf, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  flag: (value) => typeof value === "boolean",
  // A duration of Go.
  duration: (value) => typeof value === "string" && /^-?(0|(\d+(\.\d+)?(ns|us|ms|s|m|h|d|w))+)$/.test(value),
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  anything: () => true,
};

/**
 * Compares a parsed configuration with the documented fields.
 * @returns a sentence for each field that is not documented or has a value of another kind; empty when all are.
 */
export function undocumented(value: unknown, fields: Fields, at = ""): string[] {
  if (!isObject(value)) return [`${at || "the configuration"} must be a map`];
  return Object.entries(value).flatMap(([name, content]) => {
    const path = at === "" ? name : `${at}.${name}`;
    const expected = fields[name];
    if (expected === undefined) return [`${path} is not a documented field`];
    if (typeof expected === "string")
      return checks[expected](content)
        ? []
        : [`${path} must be a ${expected}, not ${JSON.stringify(content)}`];
    if (!isList(expected)) return undocumented(content, expected, path);
    if (!Array.isArray(content)) return [`${path} must be a list`];
    return content.flatMap((item, index) => undocumented(item, expected[0], `${path}[${index}]`));
  });
}

/** True for a map, whose values are then unknown. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path such as `storage.trace.wal`; undefined when a part of it is missing. */
export function valueAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((within, name) => (isObject(within) ? within[name] : undefined), value);
}

function isList(fields: Fields | readonly [Fields]): fields is readonly [Fields] {
  return Array.isArray(fields);
}
