import type { Change } from "../../responses/change.ts";
import type { Entry } from "../../responses/entry.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { eventLink, paymentLink } from "../links.ts";
import { table } from "../parts/table.ts";
import { figure, signedFigure } from "./figure.ts";

/** Why an entry changed, in words. */
export const reasonWords: Readonly<Record<Change["why"], string>> = {
  late_event: "payment from before, recorded late",
  new_event: "new payment",
  refund: "refund",
  dispute: "dispute",
  reversal: "failed refund, or dispute given back",
  earlier_event: "an earlier event replaced the one that stated it",
  correction: "a field was filled in or corrected",
};

const changeWords: Readonly<Record<Change["change"], string>> = {
  added: "new entry",
  removed: "entry taken away",
  moved_in: "entry came into this range or currency",
  moved_out: "entry left this range or currency",
  amended: "entry changed",
};

/** What a table of changes shows. */
export type ChangesTableOptions = {
  readonly changes: readonly Change[];
  readonly caption: Html | string;
  readonly zone: string;
  readonly formats: Formats;
};

/** Changes of the ledger, oldest first, each with its reason, its effect and what is behind it. */
export function changesTable({ changes, caption, zone, formats }: ChangesTableOptions): Html {
  return table({
    label: "Changes",
    caption,
    rows: changes,
    empty: "Nothing that affects this range was recorded since.",
    columns: [
      { title: "Recorded", cell: (change) => formats.instant(change.recorded_at, zone), isHeading: true },
      { title: "Why", cell: ({ why }) => reasonWords[why] },
      { title: "What", cell: ({ change }) => changeWords[change] },
      { title: "Figure", cell: (change) => change.figure },
      { title: "Effect on net", cell: (change) => effectOf(change, formats), isNumber: true },
      { title: "Amount before", cell: ({ before }) => amountOf(before, formats), isNumber: true },
      { title: "Amount after", cell: ({ after }) => amountOf(after, formats), isNumber: true },
      { title: "Payment", cell: (change) => payment(change.after ?? change.before) },
      { title: "Event", cell: (change) => event(change.after ?? change.before) },
    ],
  });
}

function effectOf({ after, before, effect, currency }: Change, formats: Formats): Html {
  const href = entryHref(after ?? before);
  return signedFigure({ amount: effect, currency, field: "effect", href, isMain: true }, formats);
}

function amountOf(entry: Entry | null, formats: Formats): Html | string {
  if (entry === null) return "–";
  const { amount, currency, event_id: id, source } = entry;
  return figure({ amount, currency, field: "amount", href: eventLink(id, source) }, formats);
}

function payment(entry: Entry | null): Html | string {
  if (entry === null || entry.payment_intent === null) return "–";
  return html`<a href="${paymentLink(entry.payment_intent, entry.source)}"><code>${entry.payment_intent}</code></a>`;
}

function event(entry: Entry | null): Html | string {
  if (entry === null) return "–";
  return html`<a href="${eventLink(entry.event_id, entry.source)}"><code>${entry.event_id}</code></a>`;
}

function entryHref(entry: Entry | null): string {
  if (entry === null) return "/events";
  const { payment_intent: intent, event_id: id, source } = entry;
  return intent === null ? eventLink(id, source) : paymentLink(intent, source);
}
