/** Something that verification found wrong: in which part of the store, and what. */
export type Discrepancy = {
  readonly where: "events" | "ledger" | "gaps" | "rollup" | "balance" | "balance rollup";
  readonly id: string;
  readonly detail: string;
};
