import { type Parameters, type RevenueClientSettings, revenueRequests } from "../revenue-request.ts";

/** An amount as revenue-query writes it. */
type MoneyAnswer = { readonly minor: string; readonly major: string };

/** Sums as revenue-query writes them. */
export type SumsAnswer = {
  readonly count: number;
  readonly gross: MoneyAnswer;
  readonly fee: MoneyAnswer;
  readonly net: MoneyAnswer;
};

/** The answer of `/v1/balance`. */
type BalanceAnswer = {
  readonly complete_through: string | null;
  readonly quarantined: number;
  readonly balances: readonly {
    readonly currency: string;
    readonly available: MoneyAnswer;
    readonly pending: MoneyAnswer;
    readonly total: MoneyAnswer;
    readonly in_transit: MoneyAnswer;
  }[];
};

/** The answer of `/v1/balance/summary`. */
type SummaryAnswer = {
  readonly currencies: readonly {
    readonly currency: string;
    readonly starting_balance: MoneyAnswer;
    readonly activity: readonly (SumsAnswer & { readonly reporting_category: string })[];
    readonly payouts: SumsAnswer;
    readonly ending_balance: MoneyAnswer;
  }[];
};

/** A row of `/v1/balance/transactions`. */
export type TransactionAnswer = {
  readonly id: string;
  readonly type: string;
  readonly reporting_category: string;
  readonly currency: string;
  readonly gross: MoneyAnswer;
  readonly fee: MoneyAnswer;
  readonly net: MoneyAnswer;
  readonly created: string;
  readonly available_on: string;
  readonly effective_at: string;
  readonly status: string | null;
  readonly source_id: string | null;
  readonly description: string | null;
  readonly payout: string | null;
};

/** A row of `/v1/payouts`. */
export type PayoutAnswer = {
  readonly id: string;
  readonly amount: MoneyAnswer;
  readonly currency: string;
  readonly status: string;
  readonly automatic: boolean;
  readonly arrival_date: string;
  readonly created: string;
  readonly trace_id: string | null;
  readonly reconciliation_status: string | null;
  readonly unexplained: MoneyAnswer | null;
};

/** The answer of `/v1/payouts/{id}`. */
type PayoutWithMembersAnswer = PayoutAnswer & {
  readonly members: readonly (SumsAnswer & { readonly reporting_category: string })[] | null;
};

/** The part of revenue-query that answers from the balance ledger. Rejects with a RevenueQueryError unless it is 200. */
export type BalanceClient = {
  balance(parameters: Parameters): Promise<BalanceAnswer>;
  summary(parameters: Parameters): Promise<SummaryAnswer>;
  /** All pages, each when it is needed. */
  transactions(parameters: Parameters): AsyncGenerator<TransactionAnswer>;
  /** All pages. */
  payouts(parameters: Parameters): AsyncGenerator<PayoutAnswer>;
  payout(id: string): Promise<PayoutWithMembersAnswer>;
};

/** Creates a client of the revenue-query at `url`. */
export function createBalanceClient(url: string, settings: RevenueClientSettings = {}): BalanceClient {
  const { get, pages } = revenueRequests(url, settings);
  return {
    balance: (parameters) => get("balance", parameters),
    summary: (parameters) => get("balance/summary", parameters),
    transactions: (parameters) => pages("balance/transactions", "transactions", parameters),
    payouts: (parameters) => pages("payouts", "payouts", parameters),
    payout: (id) => get(`payouts/${encodeURIComponent(id)}`),
  };
}
