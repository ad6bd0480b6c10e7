/** Separates ledgers that are never added up: one account (`null` is the platform itself) in one mode. */
export type LedgerScope = { readonly account: string | null; readonly livemode: boolean };
