import type { Moment } from "@takings/domain";
import { z } from "zod";

/** A balance transaction as the tie-out compares it. Times are seconds since 1970. */
export type TieOutTransaction = {
  readonly id: string;
  readonly currency: string;
  /** In minor units, as below. */
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly reportingCategory: string;
  readonly created: number;
  readonly availableOn: number;
  /** Its moment: see `BalanceTransaction`. */
  readonly effectiveAt: number;
  readonly sourceId: string | null;
  /** The automatic payout whose list contains it. */
  readonly payout: string | null;
  /** What is known of that payout. */
  readonly memberOf: TieOutPayout | undefined;
  /** What is known of the payout that it is about: its own transaction, or one that returns it. */
  readonly about: TieOutPayout | undefined;
};

/** A balance transaction that a report should contain. */
export type ListedTransaction = Pick<
  TieOutTransaction,
  "id" | "currency" | "net" | "reportingCategory" | "effectiveAt"
>;

/** A payout as the tie-out compares it. */
export type TieOutPayout = {
  readonly status: string;
  readonly traceId: string | null;
  readonly arrivalDate: number;
};

/** The sum of the transactions of a currency and a reporting category. */
export type TieOutSum = {
  readonly currency: string;
  readonly reportingCategory: string;
  /** The net of all before the range. */
  readonly startingNet: bigint;
  /** Of those in the range, as below. */
  readonly count: bigint;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
};

/** What the events state that a customer paid. */
export type CustomerPayment = { readonly amount: bigint; readonly currency: string };

/** How far the balance ledger of a scope goes; see `BalanceCompleteness`. */
export type TieOutExtent = {
  /** Whether anything was ever read from Stripe for the scope. */
  readonly synced: boolean;
  /** The last part of the ledger that is not complete from the beginning begins here. */
  readonly completeFrom: Moment | null;
  /** `null`: no round has finished for some account of the scope. */
  readonly completeThrough: Moment | null;
};

const amount = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

const payout = z
  .object({ status: z.string(), traceId: z.string().nullable(), arrivalDate: z.number() })
  .nullish();

const transactionRow = z.object({
  id: z.string(),
  currency: z.string(),
  gross: amount,
  fee: amount,
  net: amount,
  reporting_category: z.string(),
  created_seconds: z.number(),
  available_seconds: z.number(),
  effective_seconds: z.number(),
  source_id: z.string().nullable(),
  payout: z.string().nullable(),
  member_payout: payout,
  source_payout: payout,
});

/** Parses a row of `comparedColumns`. @throws ZodError when the table has another form. */
export function parseTransaction(row: unknown): TieOutTransaction {
  const parsed = transactionRow.parse(row);
  return {
    id: parsed.id,
    currency: parsed.currency,
    gross: parsed.gross,
    fee: parsed.fee,
    net: parsed.net,
    reportingCategory: parsed.reporting_category,
    created: parsed.created_seconds,
    availableOn: parsed.available_seconds,
    effectiveAt: parsed.effective_seconds,
    sourceId: parsed.source_id,
    payout: parsed.payout,
    memberOf: parsed.member_payout ?? undefined,
    about: parsed.source_payout ?? undefined,
  };
}

const listedRow = transactionRow.pick({
  id: true,
  currency: true,
  net: true,
  reporting_category: true,
  effective_seconds: true,
});

/** Parses a row of `listedColumns`. @throws ZodError when the table has another form. */
export function parseListed(row: unknown): ListedTransaction {
  const {
    reporting_category: reportingCategory,
    effective_seconds: effectiveAt,
    ...rest
  } = listedRow.parse(row);
  return { ...rest, reportingCategory, effectiveAt };
}

const idRow = z.object({ id: z.string() });

/** Parses a row that is the id of a payout. @throws ZodError when it has another form. */
export function parsePayoutId(row: unknown): string {
  return idRow.parse(row).id;
}

const sumRow = z.object({
  currency: z.string(),
  reporting_category: z.string(),
  starting_net: amount,
  count: amount,
  gross: amount,
  fee: amount,
  net: amount,
});

/** Parses a row of sums. @throws ZodError when it has another form. */
export function parseSum(row: unknown): TieOutSum {
  const { reporting_category: reportingCategory, starting_net: startingNet, ...sums } = sumRow.parse(row);
  return { ...sums, reportingCategory, startingNet };
}

const paymentRow = z.object({
  object: z.string(),
  amount: amount.nullable(),
  currency: z.string().nullable(),
});

/** Parses a row of what a customer paid; without amount or currency if the event does not show them. */
export function parsePayment(row: unknown): { readonly object: string } & Partial<CustomerPayment> {
  const { object, amount: paid, currency } = paymentRow.parse(row);
  return { object, ...(paid !== null && { amount: paid }), ...(currency !== null && { currency }) };
}

const extentRow = z.object({
  synced: z.boolean(),
  complete_from: z.string().nullable(),
  complete_through: z.string().nullable(),
});

/** Parses the extent of the ledger. @throws ZodError when the row has another form. */
export function parseExtent(row: unknown): TieOutExtent {
  const { synced, complete_from: completeFrom, complete_through: completeThrough } = extentRow.parse(row);
  return { synced, completeFrom, completeThrough };
}
