import type { PaymentReader } from "@takings/domain";
import type { z } from "zod";
import type { Installation } from "./ledger-filter.ts";
import type { Columns } from "./row-formats.ts";
import type { Pagination } from "./pagination.ts";

/** A GET path: how it is described, and how it is answered. */
export type Route = {
  /** As OpenAPI writes it: `/v1/events/{event_id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  /** Query parameters by name. */
  readonly parameters: Readonly<Record<string, z.ZodType>>;
  /** Path parameters by name, with what 404 means where they name something that may not exist. */
  readonly subject?: { readonly parameters: Readonly<Record<string, z.ZodType>>; readonly missing: string };
  readonly responseSchema: z.ZodType;
  /** @throws HttpProblem for everything that is the question's fault, TakingsError `unavailable` otherwise. */
  readonly reply: (request: RouteRequest) => Promise<unknown>;
  /** On lists: all rows of the range, for media types that can carry any number of them. Throws as `reply` does. */
  readonly rows?: {
    readonly columns: Columns;
    readonly paginate: (request: RouteRequest) => Promise<Pagination>;
  };
};

/** A question as it came. */
export type RouteRequest = {
  readonly search: URLSearchParams;
  readonly path: Readonly<Record<string, string>>;
};

/** What a route is made from. */
export type RouteDeps = { readonly reader: PaymentReader; readonly installation: Installation };
