/** Separates ledgers that are never added up: one account (`null` is the platform itself) of one source in one mode. */
export type LedgerScope = {
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};
