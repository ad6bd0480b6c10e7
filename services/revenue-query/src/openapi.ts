import { z } from "zod";
import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponseObject } from "zod-openapi";
import type { Route } from "./route.ts";

type Document = ReturnType<typeof createDocument>;

const problemFields = {
  type: z.string().meta({ description: "What kind of problem; `about:blank` where the status says it all." }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional().meta({ description: "What happened and what to do." }),
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

const retryAfter = z.string().meta({ description: "Seconds after which to ask again." });
const streamedAsOf = z.string().optional().meta({
  format: "date-time",
  description: "With rows that are streamed: the moment they are as of.",
});
const challenge = z
  .string()
  .meta({ description: "`Bearer`, with `error` when a token was given (RFC 6750)." });

/** The OpenAPI 3.1 description of routes, made of the same schemas that check requests. */
export function openApiDocument(routes: readonly Route[], isAnonymous: boolean): Document {
  const document = createDocument({
    openapi: "3.1.0",
    info: {
      title: "Takings revenue",
      version: "1",
      description:
        "Exact revenue from Stripe's webhooks. Amounts are decimal strings and currencies are never added together. " +
        "Every answer is as of a moment, and everything recorded until that moment is in it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    // An empty requirement beside the scheme says that a token is possible and not needed.
    security: isAnonymous ? [{}, { token: [] }] : [{ token: [] }],
    tags: [{ name: "revenue", description: "Totals, and what they are made of." }],
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "One of the installation's API tokens." },
      },
    },
    paths: Object.fromEntries(routes.map((route) => [route.path, pathItem(route)])),
  });
  return openToMoreFields(document);
}

/** Answers may gain fields later, so their schemas must not rule out those that they do not name. */
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
        "400": problemResponse("A parameter is bad, unknown or repeated.", badRequest),
        "401": {
          ...problemResponse("No accepted token."),
          headers: z.object({ "www-authenticate": challenge }),
        },
        ...(subject === undefined ? {} : { "404": problemResponse(subject.missing) }),
        "406": problemResponse("None of the media types in `Accept` is one of this path's."),
        "429": {
          ...problemResponse(
            "Too many requests within a minute, or too many concurrent requests or streams.",
          ),
          headers: z.object({ "retry-after": retryAfter }),
        },
        "500": problemResponse("A fault of the service."),
        "503": {
          ...problemResponse(
            "The database is away, or too slow for this request, or busy with other requests.",
          ),
          headers: z.object({ "retry-after": retryAfter }),
        },
      },
    },
  };
}

/** The media types that carry a whole list. */
function streams({ rows }: Route): Record<string, { schema: z.ZodType }> {
  if (rows === undefined) return {};
  const description = {
    "text/csv": `All rows of the range, without pages. Columns: ${Object.values(rows.columns).join(", ")}.`,
    "application/x-ndjson":
      "All rows of the range, without pages, one JSON object in a line. The last line of a complete answer is " +
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
