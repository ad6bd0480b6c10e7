import { defaultSource, type LedgerScope } from "@takings/domain";

/** Something that verification found wrong: in which part of the store, and what. */
export type Discrepancy = {
  readonly where: "events" | "ledger" | "gaps" | "rollup" | "balance" | "balance rollup";
  readonly id: string;
  readonly detail: string;
};

/** A scope in the id of a discrepancy. The source is named where it is not the default one. */
export function describeScope({ source, account, livemode }: LedgerScope): string {
  const place = `${livemode ? "live" : "test"} ${account ?? "platform"}`;
  return source === defaultSource ? place : `${place} of source ${source}`;
}
