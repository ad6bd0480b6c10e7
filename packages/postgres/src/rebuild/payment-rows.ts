import type { ClientBase } from "pg";
import { z } from "zod";
import { storedEntryColumns } from "./ledger-fields.ts";

const pageSize = 2_000;

// Every object with the root of its payment, under column names that no table has. All three statements sort by these,
// byte by byte whatever the collation of the database is (a Danish one sorts "aa" after "z").
const withPaid = `
  with recursive paid (member, origin, owner, mode, root) as (
    select object_id, source, account, livemode, object_id
    from takings.payment_objects where belongs_to = object_id
    union all
    select object_id, source, account, livemode, root
    from paid join takings.payment_objects
      on belongs_to = member and source = origin and account = owner and livemode = mode
    where belongs_to <> object_id
  )`;

const factsText = `
  ${withPaid}
  select coalesce(root, payment_object) collate "C" as root, livemode as mode, source as origin,
    coalesce(account, '') collate "C" as owner, event_id, type, created, object_id, facts
  from takings.events
  left join paid
    on member = payment_object and origin = source and owner = coalesce(account, '') and mode = livemode
  where facts is not null and status = 'processed'
  order by 1, 2, 3, 4`;

const ledgerText = `
  ${withPaid}
  select coalesce(root, object_id) collate "C" as root, livemode as mode, source as origin,
    account collate "C" as owner, ${storedEntryColumns}
  from takings.ledger
  left join paid on member = object_id and origin = source and owner = account and mode = livemode
  order by 1, 2, 3, 4`;

const gapsText = `
  ${withPaid}
  select coalesce(root, object_id) collate "C" as root, livemode as mode, source as origin,
    account collate "C" as owner, kind, object_id, payment_intent, amount::text as amount, currency, event_id, seen_at
  from takings.gaps
  left join paid on member = object_id and origin = source and owner = account and mode = livemode
  order by 1, 2, 3, 4`;

/** The payment that rows belong to: its root and its scope (`origin` is the source, `owner` the account, empty for the platform). */
const placeRow = z.object({ root: z.string(), mode: z.boolean(), origin: z.string(), owner: z.string() });
type Place = z.output<typeof placeRow>;

/** The stored rows of one payment. */
export type PaymentRows = {
  readonly place: Place;
  readonly facts: readonly unknown[];
  readonly entries: readonly unknown[];
  readonly gaps: readonly unknown[];
};

/**
 * The facts, entries and gaps of every payment, from the client's open transaction, which must see one snapshot. Three
 * cursors are read side by side, so the memory that this takes does not grow with the ledger.
 */
export async function* paymentRows(client: ClientBase): AsyncGenerator<PaymentRows> {
  const facts = createRowStream(cursorRows(client, "facts_of_payment", factsText));
  const entries = createRowStream(cursorRows(client, "entry_of_payment", ledgerText));
  const gaps = createRowStream(cursorRows(client, "gap_of_payment", gapsText));
  for (;;) {
    // One after the other, because they share a connection.
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

/** The rows of one table, payment by payment. */
type RowStream = {
  /** The payment of its next row; `undefined` at the end. */
  at(): Promise<Place | undefined>;
  /** Takes all rows of that payment. */
  take(place: Place): Promise<readonly unknown[]>;
};

/** The rows of a statement from a cursor, a page at a time. */
async function* cursorRows(client: ClientBase, name: string, text: string): AsyncGenerator {
  await client.query(`declare ${name} no scroll cursor for ${text}`);
  for (;;) {
    const { rows } = await client.query<Record<string, unknown>>(`fetch ${pageSize} from ${name}`);
    yield* rows;
    if (rows.length < pageSize) break;
  }
  await client.query(`close ${name}`);
}

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

/** Compares byte by byte, as the statements sort. */
function orderOf(a: Place, b: Place): number {
  return (
    bytes(a.root, b.root) ||
    Number(a.mode) - Number(b.mode) ||
    bytes(a.origin, b.origin) ||
    bytes(a.owner, b.owner)
  );
}

function bytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
