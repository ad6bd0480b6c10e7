import { defaultSource } from "@takings/domain";
import { platformName } from "@takings/runtime";
import { Temporal } from "temporal-polyfill";
import { type Bound, parseBound } from "../../parameters/range.ts";
import { momentOf } from "../../time/instant-text.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";

/** What is told of a filter. */
export type FilterTextOptions = {
  /** The query of a view whose endpoint accepted it. */
  readonly search: URLSearchParams;
  readonly formats: Formats;
  /** The mode of what is shown, where the query leaves it to the installation or the token. */
  readonly livemode?: boolean | null | undefined;
  /** Likewise the account; null is the platform's own. Not told where it is not known. */
  readonly account?: string | null | undefined;
};

/** A filter in words, for a caption: range in its zone, account, mode, source and recorded time. */
export function filterText({ search, formats, livemode, account }: FilterTextOptions): Html {
  const mode = search.get("livemode") ?? livemode?.toString();
  const others = [...search].filter(([name]) => !inWords.has(name));
  const parts = [
    rangeText(search, formats),
    ...others.map(([name, value]) => html`${name.replaceAll("_", " ")} ${value}`),
    accountText(search.get("account") ?? account),
    sourceText(search.get("source")),
    mode !== undefined && (mode === "true" ? "live mode" : "test mode"),
    recordedText(search, formats),
  ].filter((part) => part !== false);
  return html`${parts.map((part, index) => html`${index === 0 ? "" : "; "}${part}`)}`;
}

/** Parameters that have words of their own, and those that do not choose rows. */
const inWords = new Set([
  "from",
  "to",
  "at",
  "timezone",
  "account",
  "source",
  "livemode",
  "as_recorded_at",
  "order",
  "limit",
  "cursor",
]);

function rangeText(search: URLSearchParams, formats: Formats): Html | string {
  const zone = search.get("timezone") ?? "UTC";
  const bounds = ["from", "to", "at"].map((name) => boundOf(search.get(name)));
  const [from, to, at] = bounds.map((bound) => bound && boundText(bound, zone, formats));
  // An instant is shown with its zone, a day is not.
  const days = bounds.some((bound) => bound instanceof Temporal.PlainDate) && html` (${zone})`;
  if (at !== undefined) return html`at ${at}${days}`;
  if (from === undefined && to === undefined) return "all time";
  if (from === undefined) return html`before ${to}${days}`;
  return to === undefined ? html`from ${from} on${days}` : html`from ${from} until before ${to}${days}`;
}

function boundOf(given: string | null): Bound | undefined {
  return given === null ? undefined : parseBound(given);
}

/** A day as it is written in a URL, which reads the same everywhere; an instant in the zone. */
function boundText(bound: Bound, zone: string, formats: Formats): Html | string {
  return bound instanceof Temporal.Instant ? formats.instant(momentOf(bound), zone) : bound.toString();
}

function accountText(account: string | null | undefined): Html | string | false {
  if (account === undefined) return false;
  if (account === null || account === platformName) return "the platform's own account";
  return account === "*" ? "the platform and all connected accounts" : html`account ${account}`;
}

function sourceText(source: string | null): Html | false {
  if (source === null || source === defaultSource) return false;
  return source === "*" ? html`all sources` : html`source ${source}`;
}

function recordedText(search: URLSearchParams, formats: Formats): Html | false {
  const recorded = search.get("as_recorded_at");
  const moment = recorded === null ? undefined : parseBound(recorded);
  if (!(moment instanceof Temporal.Instant)) return false;
  return html`as recorded at ${formats.instant(momentOf(moment), search.get("timezone") ?? "UTC")}`;
}
