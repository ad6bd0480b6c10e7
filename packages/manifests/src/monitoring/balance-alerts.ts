import type { Alert } from "./alert.ts";

/** One series per ledger scope; every revenue-query process reports all scopes. */
const completeThrough =
  "max by (namespace, source, account, livemode) (takings_balance_complete_through_timestamp_seconds)";

/** Alerts about the balance ledger. They are silent where `takings balance sync` was never run. */
export const balanceAlerts: readonly Alert[] = [
  {
    name: "TakingsBalanceSyncStale",
    severity: "ticket",
    // A daily round exceeds a day by minutes, and a first one over 50 million transactions takes less than this.
    for: "6h",
    expr: `time() - ${completeThrough} > 86400`,
    summary:
      'The balance of source {{ $labels.source }}, account {{ or $labels.account "platform" }}, livemode {{ $labels.livemode }}, has not ' +
      "been complete for a day.",
    description:
      "takings balance sync does not run or does not finish, so answers about balance, fees and payouts " +
      "lack the latest transactions. Check the last job and its log.",
  },
  {
    name: "TakingsPayoutUnexplained",
    severity: "ticket",
    for: "6h",
    expr: `max by (namespace, source, livemode) (takings_balance_unexplained_payouts) > 0`,
    summary:
      "{{ $value }} payouts of the last 90 days differ from the sum of their members, source " +
      "{{ $labels.source }}, livemode {{ $labels.livemode }}.",
    description:
      "For six hours their transactions have added up to another amount than reached the bank. List them " +
      "on the dashboard Takings: balance or with GET /v1/payouts.",
  },
];
