import type { Entry } from "../../responses/entry.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { eventLink, paymentLink, searchLink } from "../links.ts";
import type { Column } from "../parts/table.ts";
import { idLink } from "./id-text.ts";
import { entryWords } from "./words.ts";

/** The columns of ledger entries. The amount leads to the event that it was read from. */
export function entryColumns(formats: Formats, zone: string): Column<Entry>[] {
  return [
    { title: "Occurred", cell: (entry) => formats.instant(entry.occurred_at, zone) },
    { title: "Kind", cell: (entry) => entryWords[entry.kind] },
    { title: "Amount", isNumber: true, cell: (entry) => amountOf(entry, formats) },
    { title: "Payment", cell: paymentOf },
    { title: "Event", cell: (entry) => idLink(entry.event_id, eventLink(entry.event_id, entry.source)) },
    { title: "Recorded", cell: (entry) => formats.instant(entry.recorded_at, zone) },
  ];
}

function amountOf(entry: Entry, formats: Formats): Html {
  const amount = formats.money(entry.amount, entry.currency, "amount");
  return html`<a data-row href="${eventLink(entry.event_id, entry.source)}">${amount}</a>`;
}

/** The payment; of an entry without a PaymentIntent what is known about its object. */
function paymentOf({ payment_intent: payment, object_id: object, source }: Entry): Html {
  return payment === null
    ? idLink(object, searchLink(object, source))
    : idLink(payment, paymentLink(payment, source));
}
