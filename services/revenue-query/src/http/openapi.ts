import { z } from "zod";
import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponseObject } from "zod-openapi";
import type { Route } from "../routes/route.ts";

type Document = ReturnType<typeof createDocument>;

const problemFields = {
  type: z
    .string()
    .meta({ description: "The kind of problem; `about:blank` if the status alone describes it." }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional().meta({ description: "What went wrong and what to do." }),
};

const problem = z
  .looseObject(problemFields)
  .meta({ id: "Problem", description: "A problem document (RFC 9457)." });

const badRequest = z
  .looseObject({
    ...problemFields,
    errors: z
      .array(z.object({ parameter: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: "Every bad parameter, with what is wrong with it." }),
  })
  .meta({ id: "BadRequest", description: "A problem document that names every bad parameter." });

const retryAfter = z.string().meta({ description: "Seconds to wait before retrying." });
const streamedAsOf = z.string().optional().meta({
  format: "date-time",
  description: "Only when rows are streamed: the instant they are as of.",
});
const challenge = z.string().meta({ description: "`Bearer`, with `error` if a token was sent (RFC 6750)." });

/** The OpenAPI 3.1 document of the routes, generated from the schemas that validate requests. */
export function openApiDocument(routes: readonly Route[], isAnonymous: boolean): Document {
  const document = createDocument({
    openapi: "3.1.0",
    info: {
      title: "Takings revenue",
      version: "1",
      description:
        "Exact revenue from Stripe's webhooks. Amounts are decimal strings, and currencies are never added together. " +
        "Every response is as of an instant and includes everything recorded until then. A token may be limited to " +
        "sources, accounts and a mode: a parameter that was not given then means the only value that the token allows, if " +
        "it allows only one; asking for more is 403; and a single object outside is 404.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    // An empty requirement beside the scheme means that a token is optional.
    security: isAnonymous ? [{}, { token: [] }] : [{ token: [] }],
    tags: [{ name: "revenue", description: "Totals, and the ledger entries and events behind them." }],
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "One of the installation's API tokens." },
      },
    },
    paths: Object.fromEntries(routes.map((route) => [route.path, pathItem(route)])),
  });
  return openToMoreFields(document);
}

/** Responses may gain fields later, so their schemas must allow fields that they do not name. */
function openToMoreFields(document: Document): Document {
  const isClosed = (key: string, value: unknown): boolean =>
    key === "additionalProperties" && value === false;
  return JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    isClosed(key, value) ? undefined : value,
  );
}

function pathItem(route: Route): ZodOpenApiPathsObject[string] {
  const { subject } = route;
  return {
    get: {
      operationId: route.operationId,
      summary: route.summary,
      description: route.description,
      tags: ["revenue"],
      requestParams: {
        query: z.object(route.parameters),
        ...(subject === undefined ? {} : { path: z.object(subject.parameters) }),
      },
      responses: {
        "200": {
          description: "The response.",
          headers: z.object({
            "cache-control": z.literal("no-store"),
            ...(route.rows === undefined ? {} : { "takings-as-of": streamedAsOf }),
          }),
          content: { "application/json": { schema: route.responseSchema }, ...streams(route) },
        },
        "400": problemResponse("A parameter is invalid, unknown or repeated.", badRequest),
        "401": {
          ...problemResponse("The token is missing or not accepted."),
          headers: z.object({ "www-authenticate": challenge }),
        },
        "403": problemResponse("The token may not read what was asked for."),
        ...(subject === undefined ? {} : { "404": problemResponse(subject.missing) }),
        "406": problemResponse("This path offers none of the media types in `Accept`."),
        "429": {
          ...problemResponse(
            "Too many requests per minute, or too many concurrent requests or streams of this caller.",
          ),
          headers: z.object({ "retry-after": retryAfter }),
        },
        "500": problemResponse("The service failed; its log has the cause."),
        "503": {
          ...problemResponse(
            "The database is unavailable or too slow, results are held back, or the service is busy with other callers.",
          ),
          headers: z.object({ "retry-after": retryAfter }),
        },
      },
    },
  };
}

/** The media types that stream a whole list. */
function streams({ rows }: Route): Record<string, { schema: z.ZodType }> {
  if (rows === undefined) return {};
  const description = {
    "text/csv": `All rows of the range, without pages. Columns: ${Object.values(rows.columns).join(", ")}.`,
    "application/x-ndjson":
      "All rows of the range, without pages, one JSON object per line. The last line of a complete response is " +
      '`{"complete":true,"rows":…,"as_of":…}`.',
  };
  return Object.fromEntries(
    Object.entries(description).map(([type, text]) => [
      type,
      { schema: z.string().meta({ description: text }) },
    ]),
  );
}

function problemResponse(description: string, schema: z.ZodType = problem): ZodOpenApiResponseObject {
  return { description, content: { "application/problem+json": { schema } } };
}
