import { defaultSource } from "@takings/domain";
import { platformName, type TokenScope } from "@takings/runtime";
import { z } from "zod";
import { HttpProblem } from "../http/http-problem.ts";
import type { Installation } from "../parameters/ledger-filter.ts";
import type { Route, RouteRequest } from "../routes/route.ts";

/** One of the parameters that say whose figures are meant, and the values of it that a token may ask for. */
type Limit = { readonly parameter: string; readonly allowed: readonly string[] };

/**
 * A route that answers within the scope of the token. Of a list or total, a parameter that was not given means the only value that
 * the scope allows, if it allows only one; what asks for more is refused with 403. A single object outside is for the route to
 * leave out, because only then is known whose it is.
 */
export function limitToScope<Reply>(route: Route<Reply>, installation: Installation): Route<Reply> {
  const limited = (request: RouteRequest): RouteRequest => ({
    ...request,
    search: searchWithin(request, route, installation),
  });
  const { json, rows } = route;
  return {
    ...route,
    reply: async (request) => route.reply(limited(request)),
    ...(json !== undefined && { json: async (request) => json(limited(request)) }),
    ...(rows !== undefined && {
      rows: { ...rows, paginate: async (request) => rows.paginate(limited(request)) },
    }),
  };
}

/** The query of a request within its scope. @throws HttpProblem 403 */
function searchWithin(
  { search, scope }: RouteRequest,
  route: Route,
  installation: Installation,
): URLSearchParams {
  const within = new URLSearchParams(search);
  const isOfObjects = route.subject !== undefined || route.isOfAnyOwner === true;
  for (const { parameter, allowed } of limitsOf(scope)) {
    const schema = route.parameters[parameter];
    if (schema === undefined) {
      // Whose a single object is, is known once it was read.
      if (isOfObjects) continue;
      throw new HttpProblem(
        403,
        `This path cannot be limited to what the token may read. ${describe(scope)}`,
      );
    }
    const [only] = allowed;
    if (!within.has(parameter) && allowed.length === 1 && only !== undefined) within.set(parameter, only);
    const given = within.getAll(parameter);
    const parsed = parseValue(schema, given[0]);
    // The route itself says what is wrong with it.
    if (given.length > 1 || !parsed.success) continue;
    const value = parsed.data === undefined ? undefined : String(parsed.data);
    if (isOfObjects && (value === undefined || value === "*")) continue;
    if (parameter === "account") {
      const source = within.get("source") ?? defaultSource;
      if (accountNames(value, source, installation).some((name) => allowed.includes(name))) continue;
    } else if (value !== undefined && allowed.includes(value)) continue;
    throw new HttpProblem(
      403,
      `The token may not read ${parameter}=${value ?? platformName}. ${describe(scope)}`,
    );
  }
  return within;
}

type ParsedValue =
  | { readonly success: true; readonly data: string | boolean | undefined }
  | { readonly success: false };

const valueSchema = z.union([z.string(), z.boolean(), z.undefined()]);

/** The value of one of these parameters, by the schema of the route. */
function parseValue(schema: z.ZodType, text: string | undefined): ParsedValue {
  const parsed = schema.safeParse(text);
  return parsed.success ? { success: true, data: valueSchema.parse(parsed.data) } : { success: false };
}

function limitsOf({ sources, accounts, livemode }: TokenScope): Limit[] {
  const limits = [
    { parameter: "source", allowed: sources },
    { parameter: "account", allowed: accounts },
    { parameter: "livemode", allowed: livemode === undefined ? undefined : [String(livemode)] },
  ];
  return limits.flatMap(({ parameter, allowed }) => (allowed === undefined ? [] : { parameter, allowed }));
}

/** The names of the account of a query. The platform may also be named by its id. */
function accountNames(
  value: string | undefined,
  source: string,
  { stripeAccountId }: Installation,
): readonly string[] {
  if (value === undefined || value === platformName) {
    return [
      platformName,
      ...(source === defaultSource && stripeAccountId !== undefined ? [stripeAccountId] : []),
    ];
  }
  return source === defaultSource && value === stripeAccountId ? [value, platformName] : [value];
}

function describe(scope: TokenScope): string {
  const limits = limitsOf(scope).map(({ parameter, allowed }) => `${parameter} ${allowed.join(" or ")}`);
  return `It may read only ${limits.join(", ")}: name one of these.`;
}
