import type { BalanceReader, PaymentReader } from "@takings/domain";
import type { TokenScope } from "@takings/runtime";
import type { z } from "zod";
import type { Installation } from "../parameters/ledger-filter.ts";
import type { Pagination } from "../streaming/paginate.ts";
import type { Columns } from "../streaming/row-formats.ts";

/** A GET endpoint: its description and its handler. `Reply` is what it responds with. */
export type Route<Reply = unknown> = {
  /** In OpenAPI's notation: `/v1/events/{event_id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  /** Query parameters by name. */
  readonly parameters: Readonly<Record<string, z.ZodType>>;
  /** Path parameters by name, and the detail of the 404 for a resource that does not exist. */
  readonly subject?: { readonly parameters: Readonly<Record<string, z.ZodType>>; readonly missing: string };
  /** Whether it answers with single objects of whatever owner, and itself leaves out those that the caller may not read. */
  readonly isOfAnyOwner?: boolean;
  readonly responseSchema: z.ZodType;
  /** @throws HttpProblem for a request that is invalid or asks for something that does not exist, TakingsError `unavailable` otherwise. */
  readonly reply: (request: RouteRequest) => Promise<Reply>;
  /** The answer of `reply` as JSON, where it is so long that objects would take much of the time. Throws as `reply` does. */
  readonly json?: (request: RouteRequest) => Promise<Buffer>;
  /** Lists only: all rows of the range, for media types that stream them. Throws as `reply` does. */
  readonly rows?: Rows;
};

/** All rows of a list, and how they are written as a table. */
export type Rows = {
  readonly columns: Columns;
  /** @throws as `reply` of a {@link Route} does. */
  readonly paginate: (request: RouteRequest) => Promise<Pagination>;
};

/** The parts of a request that a route uses. */
export type RouteRequest = {
  /** What the caller may read. Queries are within it already; whose a single object is, the route checks. */
  readonly scope: TokenScope;
  readonly search: URLSearchParams;
  readonly path: Readonly<Record<string, string>>;
};

/** The dependencies of a route. */
export type RouteDependencies = {
  readonly reader: PaymentReader;
  readonly balance: BalanceReader;
  readonly installation: Installation;
};
