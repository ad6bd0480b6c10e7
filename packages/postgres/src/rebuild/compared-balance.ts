import type { EventKey } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { payoutRowOf, type RowJson, transactionRowOf } from "../balance/balance-rows.ts";
import { contradictionIn, foldFacts } from "../balance/fold.ts";
import { type BalanceObjectKey, balanceKey, objectOfFact, type SaidFact } from "../balance/said-fact.ts";
import { scopeOf } from "../ledger/payment-objects.ts";
import { comparedRowsTexts } from "./compared-balance-rows.ts";
import { parseSaidFacts, saidFactColumns } from "../balance/read-said-facts.ts";

/** A balance transaction or a payout that differs from what its events say. */
export type ComparedBalance = {
  readonly object: BalanceObjectKey;
  /** The columns that differ; all of them where a row is missing. */
  readonly stored: Columns | undefined;
  readonly derived: Columns | undefined;
};

type Columns = Readonly<Record<string, unknown>>;

/** An event that counts, though it contradicts an earlier reading. */
export type ContradictingReading = EventKey & { readonly reason: string };

/** What a comparison of the balance found. */
export type BalanceComparison =
  | { readonly compared: number }
  | { readonly different: ComparedBalance }
  | { readonly contradicting: ContradictingReading };

const pageSize = 2_000;

// By object, and in the order of recording, because of two contradicting readings the first one counts. Byte by byte,
// whatever the collation of the database is, as the tables are sorted.
const declareText = `
  declare said_of_balance no scroll cursor for
  select ${saidFactColumns} from takings.events
  where balance is not null and status = 'processed'
  order by (balance ->> 'kind') collate "C",
    coalesce(balance #>> '{payout,id}', balance #>> '{transaction,id}') collate "C", recorded_at, event_id`;

/**
 * Compares the balance transactions and payouts with what the events say, in the client's open transaction, which must
 * see one snapshot. Yields how many objects were compared, page by page, and what differs. Moments are compared with the
 * payouts as they are stored, which are compared first.
 */
export async function* comparedBalance(client: ClientBase): AsyncGenerator<BalanceComparison> {
  const pages = { payout: createPages(), transaction: createPages() };
  await client.query(declareText);
  let said: SaidFact[] = [];
  for (;;) {
    const { rows } = await client.query<Record<string, unknown>>(`fetch ${pageSize} from said_of_balance`);
    said.push(...rows.flatMap(parseSaidFacts));
    const isEnd = rows.length === 0;
    // The last object may go on in the next page.
    const last = said.at(-1);
    const rest = isEnd || last === undefined ? [] : said.filter((one) => isSameId(one, last));
    const complete = said.slice(0, said.length - rest.length);
    for (const kind of ["payout", "transaction"] as const) {
      const of = complete.filter(({ fact }) => fact.kind === kind);
      if (of.length > 0) yield* comparedPage(client, pages[kind].next(kind, of));
    }
    said = rest;
    if (isEnd) break;
  }
  await client.query("close said_of_balance");
  for (const kind of ["payout", "transaction"] as const) yield* comparedPage(client, pages[kind].last(kind));
}

function isSameId(a: SaidFact, b: SaidFact): boolean {
  const [one, other] = [objectOfFact(a), objectOfFact(b)];
  return one.kind === other.kind && one.id === other.id;
}

/** Facts of all objects whose ids are greater than `after` and up to `upTo`; `undefined` is unbounded. */
type SaidPage = {
  readonly kind: BalanceObjectKey["kind"];
  readonly after: string;
  readonly upTo: string | undefined;
  readonly said: readonly SaidFact[];
};

/** Divides the ids of one kind into ranges that leave none out, so that rows without events are found. */
function createPages(): {
  next(kind: SaidPage["kind"], said: readonly SaidFact[]): SaidPage;
  last(kind: SaidPage["kind"]): SaidPage;
} {
  let after = "";
  return {
    next(kind, said) {
      const from = after;
      const [upTo] = said.slice(-1).map((one) => objectOfFact(one).id);
      after = upTo ?? after;
      return { kind, after: from, upTo, said };
    },
    last: (kind) => ({ kind, after, upTo: undefined, said: [] }),
  };
}

const place = z.object({ id: z.string(), source: z.string(), account: z.string(), livemode: z.boolean() });
const differentRow = z.object({
  ...place.shape,
  stored: z.record(z.string(), z.unknown()).nullable(),
  derived: z.record(z.string(), z.unknown()).nullable(),
});

async function* comparedPage(client: ClientBase, page: SaidPage): AsyncGenerator<BalanceComparison> {
  const byObject = Map.groupBy(page.said, (fact) => balanceKey(objectOfFact(fact)));
  const derived: RowJson[] = [];
  for (const facts of byObject.values()) {
    const state = foldFacts(facts);
    if (state !== undefined)
      derived.push(state.kind === "payout" ? payoutRowOf(state) : transactionRowOf(state));
    for (const contradicting of contradictionsIn(facts)) yield { contradicting };
  }
  const { rows } = await client.query<Record<string, unknown>>(comparedRowsTexts[page.kind], [
    JSON.stringify(derived),
    page.after,
    page.upTo ?? null,
  ]);
  yield { compared: derived.length };
  for (const row of rows) {
    const { id, stored, derived: wanted, ...of } = differentRow.parse(row);
    const object = { kind: page.kind, id, ...scopeOf(of) };
    yield { different: { object, stored: stored ?? undefined, derived: wanted ?? undefined } };
  }
}

function contradictionsIn(facts: readonly SaidFact[]): readonly ContradictingReading[] {
  const [first, ...others] = facts;
  if (first === undefined) return [];
  return others.flatMap((other) => {
    const reason = contradictionIn(first, other);
    return reason === undefined ? [] : [{ source: other.source, eventId: other.said.eventId, reason }];
  });
}
