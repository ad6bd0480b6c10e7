import type { Temporal } from "temporal-polyfill";
import type { AskedFor } from "./asked-for.ts";
import type { Formats } from "./format/formats.ts";
import type { Html } from "./html.ts";
import type { PageApi } from "./page-api.ts";

/** A request for a view, as far as a view may know it. */
export type ViewRequest = AskedFor & {
  /** Reads what the API responds with, within the limits of the caller. */
  readonly api: PageApi;
  /** Writes amounts, numbers and instants for the reader. */
  readonly formats: Formats;
  readonly now: Temporal.Instant;
};

/** What a view shows, or where it leads. */
export type ViewResult =
  | {
      /** Without the product's name. */
      readonly title: string;
      readonly main: Html;
      /** 200 where it is not given. */
      readonly status?: number;
      /** Whether the script may reload it in place at intervals: only what is read as of now. */
      readonly isLive?: boolean;
    }
  | { readonly redirect: string };

/** What a view shows. */
export type ShownResult = Extract<ViewResult, { readonly main: Html }>;

/** One view of the page for people: a path, and what is shown there. */
export type View = {
  /** In OpenAPI's notation. That of an endpoint without `/v1` shows what the endpoint responds with. */
  readonly path: string;
  /** @throws HttpProblem and TakingsError, as the routes of the API do; they are shown in the layout. */
  readonly show: (request: ViewRequest) => Promise<ViewResult>;
};
