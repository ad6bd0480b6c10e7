import { Temporal } from "temporal-polyfill";
import type { z } from "zod";
import { badParameters, type ParameterError } from "../http/http-problem.ts";
import { type Bound, type Range, resolveBound } from "./range.ts";
import type { Shape } from "./shape.ts";

/** `from`, `to` and `at` of a query as instants, as far as it has them. */
export type ResolvedBounds = { readonly range: Range; readonly instant: Temporal.Instant | undefined };

/**
 * Parses a query string by the schemas of its parameters, and resolves `from`, `to` and `at` to instants if it has them.
 * @throws HttpProblem 400 naming every bad parameter at once, including unknown and repeated ones.
 */
export function readQuery<Values>(shape: Shape<Values>, search: URLSearchParams): Values & ResolvedBounds {
  const errors: ParameterError[] = [];
  const values = readValues(shape, search, errors);
  const bounds = readBounds(values, errors);
  if (errors.length > 0) throw badParameters(errors);
  // Every name of the shape was parsed by its own schema, as the type requires.
  return { ...(values as Values), ...bounds };
}

function readValues(
  shape: Readonly<Record<string, z.ZodType>>,
  search: URLSearchParams,
  errors: ParameterError[],
): Record<string, unknown> {
  const known = Object.keys(shape);
  for (const parameter of new Set(search.keys())) {
    if (Object.hasOwn(shape, parameter)) continue;
    const choice = known.length === 0 ? "it takes no query parameters" : `known are ${known.join(", ")}`;
    errors.push({ parameter, detail: `is not a parameter of this path: ${choice}` });
  }
  const values: Record<string, unknown> = {};
  for (const [parameter, schema] of Object.entries(shape)) {
    const given = search.getAll(parameter);
    if (given.length > 1) {
      errors.push({ parameter, detail: "must be given only once" });
      continue;
    }
    const parsed = schema.safeParse(given[0]);
    if (parsed.success) values[parameter] = parsed.data;
    // Only the first issue: several checks of a schema may report the same problem of one value.
    else errors.push({ parameter, detail: parsed.error.issues[0]?.message ?? "is not valid" });
  }
  return values;
}

/** The bounds as instants. A bad time zone is already among the errors, and plain dates are then left unresolved. */
function readBounds(values: Readonly<Record<string, unknown>>, errors: ParameterError[]): ResolvedBounds {
  const isZoneBad = errors.some((error) => error.parameter === "timezone");
  const zone = typeof values["timezone"] === "string" ? values["timezone"] : "UTC";
  const resolve = (parameter: "from" | "to" | "at"): Temporal.Instant | undefined => {
    const bound = values[parameter];
    if (!isBound(bound) || (isZoneBad && bound instanceof Temporal.PlainDate)) return undefined;
    const instant = resolveBound(bound, zone);
    if (instant === undefined) {
      errors.push({ parameter, detail: "must be within the years 0001 to 9999 in UTC" });
    }
    return instant;
  };
  const range = { from: resolve("from"), to: resolve("to") };
  if (range.from !== undefined && range.to !== undefined) {
    if (Temporal.Instant.compare(range.from, range.to) > 0) {
      errors.push({ parameter: "from", detail: `must not be after to, which is ${range.to.toString()}` });
      errors.push({ parameter: "to", detail: `must not be before from, which is ${range.from.toString()}` });
    }
  }
  return { range, instant: resolve("at") };
}

function isBound(value: unknown): value is Bound {
  return value instanceof Temporal.Instant || value instanceof Temporal.PlainDate;
}
