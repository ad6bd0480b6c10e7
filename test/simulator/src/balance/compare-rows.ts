import type { Json } from "../json.ts";
import type { Sums } from "./arithmetic.ts";
import type { BalanceClient, PayoutAnswer, TransactionAnswer } from "./balance-client.ts";
import type { Differences } from "./differences.ts";
import type { BalanceLife, LifeTransaction } from "./life.ts";
import { dayLength } from "./life-plan.ts";
import { counts, type StatedPayout, statedPayouts, statedTransaction } from "./stated-facts.ts";
import { transactionAt } from "./stripe-balance-objects.ts";

/** What rows are compared with. */
export type ExpectedRows = {
  readonly life: BalanceLife;
  readonly livemode: boolean;
  readonly at: number;
  readonly scope: { readonly account: string | undefined; readonly livemode: boolean };
  readonly differences: Differences;
};

/** Compares every payout with the list, and every automatic one with its members. */
export async function comparePayouts(
  client: BalanceClient,
  { life, at, livemode, scope, differences }: ExpectedRows,
): Promise<void> {
  const payouts = [...statedPayouts(life, at, livemode)];
  const listed = await Array.fromAsync(client.payouts(scope));
  const order = listed.map(({ arrival_date: arrival, id }) => `${arrival} ${id}`);
  differences.expect("order of payouts", order.toSorted(), order);
  differences.expect("payouts", payouts.map(payoutText).toSorted(), listed.map(answerText).toSorted());
  for (const { id, members } of payouts) {
    if (members === null) continue;
    const answer = await client.payout(id);
    const expected = [...members].map(([category, sums]) => `${category} ${sumsText(sums)}`);
    const found = answer.members?.map(
      ({ reporting_category: category, count, gross, fee, net }) =>
        `${category} ${count} ${gross.minor} ${fee.minor} ${net.minor}`,
    );
    differences.expect(`members of ${id}`, expected.toSorted(), found ?? ["none are told"]);
  }
}

/** Compares every transaction, one month after the other. */
export async function compareTransactions(
  client: BalanceClient,
  { life, at, scope, differences }: ExpectedRows,
): Promise<void> {
  const step = 30 * dayLength;
  // What is ahead belongs to the last step: a payout arrives after the life has ended.
  const end = Math.max(life.to, at) + step;
  for (let from = life.from; from < end; from += step) {
    const range = {
      from: new Date(from * 1_000).toISOString(),
      to: new Date((from + step) * 1_000).toISOString(),
    };
    const found: string[] = [];
    for await (const row of client.transactions({ ...scope, ...range })) found.push(rowText(row));
    const expected = expectedRows(life, at, from, from + step);
    differences.expect(`transactions from ${range.from} to ${range.to}`, expected, found);
  }
}

/** How long before its moment a transaction may have been created. */
const longestTransit = 10;

function expectedRows(life: BalanceLife, at: number, from: number, to: number): string[] {
  const day = (time: number): number => Math.floor((time - life.from) / dayLength);
  const rows: { readonly moment: number; readonly id: string; readonly text: string }[] = [];
  for (let created = Math.max(0, day(from) - longestTransit); created <= day(to); created += 1) {
    for (const transaction of life.transactionsOf(created)) {
      if (!counts(transaction, at)) continue;
      const { id, category, moment } = statedTransaction(life, transaction, at);
      if (moment < from || moment >= to) continue;
      rows.push({ moment, id, text: transactionText(life, transaction, { at, category, moment }) });
    }
  }
  return rows.toSorted((a, b) => a.moment - b.moment || (a.id < b.id ? -1 : 1)).map(({ text }) => text);
}

function transactionText(
  life: BalanceLife,
  transaction: LifeTransaction,
  { at, category, moment }: { readonly at: number; readonly category: string; readonly moment: number },
): string {
  const { status, description } = transactionAt(transaction, at);
  const payout = transaction.payout === null ? undefined : life.payout(transaction.payout);
  const isTold = payout?.reconciledAt !== undefined && payout.reconciledAt <= at;
  const { id, type, currency, amount, fee, net, created, availableOn, source } = transaction;
  const times = [created, availableOn, moment].join(" ");
  const texts = [text(status), source.id, isTold ? payout.id : null, text(description)];
  return [id, type, category, currency, amount, fee, net, times, ...texts.map(String)].join(" ");
}

function rowText(row: TransactionAnswer): string {
  const amounts = [row.gross, row.fee, row.net].map(({ minor }) => minor);
  const times = [row.created, row.available_on, row.effective_at].map(seconds);
  const texts = [row.status, row.source_id, row.payout, row.description].map(String);
  return [row.id, row.type, row.reporting_category, row.currency, ...amounts, ...times, ...texts].join(" ");
}

function payoutText({ object, unexplained }: StatedPayout): string {
  const { id, amount, currency, status, automatic, arrival_date: arrival, created } = object;
  const { trace_id: trace, reconciliation_status: reconciliation } = object;
  const value = typeof trace === "object" && trace !== null && "value" in trace ? text(trace["value"]) : null;
  const texts = [
    id,
    amount,
    currency,
    status,
    automatic,
    arrival,
    created,
    value,
    reconciliation,
    unexplained,
  ];
  return texts.map(String).join(" ");
}

function answerText(payout: PayoutAnswer): string {
  const { id, amount, currency, status, automatic, arrival_date: arrival, created } = payout;
  const { trace_id: trace, reconciliation_status: reconciliation, unexplained } = payout;
  const times = [seconds(arrival), seconds(created)];
  return [
    id,
    amount.minor,
    currency,
    status,
    automatic,
    ...times,
    trace,
    reconciliation,
    unexplained?.minor ?? null,
  ]
    .map(String)
    .join(" ");
}

function sumsText({ count, gross, fee, net }: Sums): string {
  return `${count} ${gross} ${fee} ${net}`;
}

function seconds(instant: string): number {
  return Date.parse(instant) / 1_000;
}

function text(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
