import type { ClientBase } from "pg";
import { z } from "zod";
import { cursorRows } from "./cursor-rows.ts";
import { storedEntryColumns } from "./ledger-fields.ts";

// Every object with the one that stands for its payment, under names that no table has. All sides come in the order of
// these: that of bytes, whatever the database sorts by (Danish puts "aa" after "z").
const withPaid = `
  with recursive paid (member, owner, mode, root) as (
    select object_id, account, livemode, object_id from takings.payment_objects where belongs_to = object_id
    union all
    select object_id, account, livemode, root
    from paid join takings.payment_objects on belongs_to = member and account = owner and livemode = mode
    where belongs_to <> object_id
  )`;

// Facts of a form that cannot be read are a fault of their event, which is told where events are held against bodies.
const factsText = `
  ${withPaid}
  select coalesce(root, payment_object) collate "C" as root, livemode as mode, coalesce(account, '') collate "C" as owner,
    event_id, type, created, object_id, facts
  from takings.events
  left join paid on member = payment_object and owner = coalesce(account, '') and mode = livemode
  where facts is not null and status = 'processed'
  order by 1, 2, 3`;

const ledgerText = `
  ${withPaid}
  select coalesce(root, object_id) collate "C" as root, livemode as mode, account collate "C" as owner,
    ${storedEntryColumns}
  from takings.ledger
  left join paid on member = object_id and owner = account and mode = livemode
  order by 1, 2, 3`;

const gapsText = `
  ${withPaid}
  select coalesce(root, object_id) collate "C" as root, livemode as mode, account collate "C" as owner,
    kind, object_id, payment_intent, amount::text as amount, currency, event_id, seen_at
  from takings.gaps
  left join paid on member = object_id and owner = account and mode = livemode
  order by 1, 2, 3`;

/** Where rows belong: the object that stands for their payment, and its scope (`owner` is empty for the platform). */
const placeRow = z.object({ root: z.string(), mode: z.boolean(), owner: z.string() });
type Place = z.output<typeof placeRow>;

/** What is stored of one payment, as rows. */
export type PaymentRows = {
  readonly place: Place;
  readonly facts: readonly unknown[];
  readonly entries: readonly unknown[];
  readonly gaps: readonly unknown[];
};

/**
 * The events' facts, the entries and the gaps of every payment, read in step from the client's open transaction, which
 * must see one snapshot, so the memory it takes does not grow with the ledger.
 */
export async function* paymentRows(client: ClientBase): AsyncGenerator<PaymentRows> {
  const facts = createRowStream(cursorRows(client, "facts_of_payment", factsText));
  const entries = createRowStream(cursorRows(client, "entry_of_payment", ledgerText));
  const gaps = createRowStream(cursorRows(client, "gap_of_payment", gapsText));
  for (;;) {
    // One after the other: they have one connection.
    const places = [await facts.at(), await entries.at(), await gaps.at()];
    const [first, ...others] = places.filter((at) => at !== undefined);
    if (first === undefined) return;
    const place = others.reduce((known, at) => (orderOf(at, known) < 0 ? at : known), first);
    yield {
      place,
      facts: await facts.take(place),
      entries: await entries.take(place),
      gaps: await gaps.take(place),
    };
  }
}

/** Rows of one table, payment by payment. */
type RowStream = {
  /** Where its next row belongs; `undefined` at the end. */
  at(): Promise<Place | undefined>;
  /** All rows that belong there. */
  take(place: Place): Promise<readonly unknown[]>;
};

function createRowStream(rows: AsyncGenerator): RowStream {
  let next: Promise<IteratorResult<unknown>> | undefined;
  const peek = (): Promise<IteratorResult<unknown>> => (next ??= rows.next());
  const at = async (): Promise<Place | undefined> => {
    const { value, done } = await peek();
    return done === true ? undefined : placeRow.parse(value);
  };
  return {
    at,
    async take(place) {
      const taken: unknown[] = [];
      for (let now = await at(); now !== undefined && orderOf(now, place) === 0; now = await at()) {
        taken.push((await peek()).value);
        next = undefined;
      }
      return taken;
    },
  };
}

/** In the order of bytes, as the database sorts ids. */
function orderOf(a: Place, b: Place): number {
  return bytes(a.root, b.root) || Number(a.mode) - Number(b.mode) || bytes(a.owner, b.owner);
}

function bytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
