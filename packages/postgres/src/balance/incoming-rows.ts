import type { RowJson } from "./balance-rows.ts";

/** The columns of a table that a statement writes, with their types. */
export type ColumnTypes = Readonly<Record<string, "text" | "boolean" | "bigint" | "integer" | "timestamptz">>;

/** The columns of `takings.balance_transactions` in their order, without the recorded time. */
export const transactionColumnTypes = {
  id: "text",
  source: "text",
  account: "text",
  livemode: "boolean",
  type: "text",
  reporting_category: "text",
  currency: "text",
  gross: "bigint",
  fee: "bigint",
  net: "bigint",
  created: "timestamptz",
  available_on: "timestamptz",
  status: "text",
  balance_type: "text",
  description: "text",
  source_id: "text",
  payout: "text",
  effective_at: "timestamptz",
  event_id: "text",
  said_at: "timestamptz",
  said_received_at: "timestamptz",
  payout_event_id: "text",
  payout_said_at: "timestamptz",
  payout_said_received_at: "timestamptz",
} as const satisfies ColumnTypes;

/** As {@link transactionColumnTypes}, of `takings.payouts`. */
export const payoutColumnTypes = {
  id: "text",
  source: "text",
  account: "text",
  livemode: "boolean",
  amount: "bigint",
  currency: "text",
  status: "text",
  automatic: "boolean",
  arrival_date: "timestamptz",
  created: "timestamptz",
  trace_id: "text",
  reconciliation_status: "text",
  members: "integer",
  event_id: "text",
  said_at: "timestamptz",
  said_received_at: "timestamptz",
  members_event_id: "text",
  members_said_at: "timestamptz",
  members_said_received_at: "timestamptz",
} as const satisfies ColumnTypes;

/**
 * Rows with these columns and `recorded_at`, as an item of `from` with the name `incoming`; its parameters are
 * {@link incomingValues}. An array for each column, because PostgreSQL takes three times as long to read rows as JSON.
 */
export function incomingRows(types: ColumnTypes): string {
  const arrays = Object.values(types).map((type, n) => `$${n + 2}::${type}[]`);
  const names = Object.keys(types).join(", ");
  return `(
    select *, $1::timestamptz from unnest(${arrays.join(", ")}) as given (${names})
  ) as incoming (${names}, recorded_at)`;
}

/** The parameters of {@link incomingRows}. */
export function incomingValues(
  types: ColumnTypes,
  rows: readonly RowJson[],
  recordedAt: string,
): readonly unknown[] {
  // Most instants of a batch are in it several times, and half of the time would go into making their texts.
  const texts = new Map<number, string | null>();
  const textOf = (at: Date): string | null => {
    const known = texts.get(at.getTime());
    if (known !== undefined) return known;
    const text = at.toJSON();
    texts.set(at.getTime(), text);
    return text;
  };
  return [
    recordedAt,
    ...Object.keys(types).map((name) =>
      rows.map(({ [name]: value }) => (value instanceof Date ? textOf(value) : value)),
    ),
  ];
}
