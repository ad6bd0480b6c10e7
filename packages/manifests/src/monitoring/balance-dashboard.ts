import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  balanceNow,
  completeness,
  feeShare,
  feeShareByDay,
  nextPayouts,
  totalOverTime,
  unexplainedPayouts,
} from "./balance-sql.ts";
import { dashboard } from "./dashboard.ts";
import { type Panels, stat, table, timeseries } from "./panels.ts";
import { objectLink } from "./page-links.ts";
import { now, range, sql } from "./queries.ts";
import * as variables from "./variables.ts";

const daySeconds = 86_400;
/** One series per ledger scope; every revenue-query process reports all scopes. */
const completeThrough = `max by (namespace, source, account, livemode) (takings_balance_complete_through_timestamp_seconds{namespace=~"$namespace"})`;

/** For the finance team: the balance at Stripe, its fees and its payouts. */
export function balanceDashboard(): Dashboard {
  const { prometheus, postgres, namespace, livemode, source, account, page } = variables;
  return dashboard({
    uid: "takings-balance",
    title: "Takings: balance",
    from: "now-30d",
    variables: [prometheus, postgres, namespace, livemode, source, account, page],
    views: { "Balance on the page": "/balance/summary", "Payouts on the page": "/payouts" },
    rows: [
      { title: "Completeness", panels: completenessPanels() },
      { title: "Balance", panels: balancePanels() },
      { title: "Fees", panels: feePanels() },
      { title: "Payouts", panels: payoutPanels() },
    ],
  });
}

function completenessPanels(): Panels {
  return [
    stat({
      title: "Age of the oldest balance",
      about:
        "How long ago the account was complete that is furthest behind. takings balance sync moves it on.",
      unit: "s",
      redFrom: daySeconds,
      queries: [now(`time() - min(${completeThrough})`, "")],
    }),
    stat({
      title: "Unexplained payouts",
      about:
        "Payouts of the last 90 days whose members add up to another amount, of all sources and both modes.",
      unit: "short",
      redFrom: 1,
      queries: [
        now(
          `sum(max by (namespace, source, livemode) (takings_balance_unexplained_payouts{namespace=~"$namespace"}))`,
          "",
        ),
      ],
    }),
    timeseries({
      title: "Age of the balance by account",
      about: "How long ago each account was complete. The platform has no name.",
      unit: "s",
      height: 6,
      redFrom: daySeconds,
      queries: [range(`time() - ${completeThrough}`, "{{source}} {{account}} livemode {{livemode}}")],
    }),
    table({
      title: "Complete from and through",
      about:
        "The ledger holds everything that was created between the two; without the first, from the beginning.",
      width: 8,
      height: 6,
      units: { age: "s" },
      queries: [sql(completeness, "table")],
    }),
  ];
}

function balancePanels(): Panels {
  return [
    table({
      title: "Balance at the last full ten minutes",
      about: "By settlement currency, in major units. Currencies are never added together.",
      queries: [sql(balanceNow, "table")],
    }),
    timeseries({
      title: "Total",
      about:
        "Available and pending together, by settlement currency. Payouts leave it on their arrival date.",
      unit: "short",
      width: 12,
      fromZero: false,
      queries: [sql(totalOverTime, "time_series")],
    }),
  ];
}

function feePanels(): Panels {
  return [
    table({
      title: "Fees as a share of charges, last 30 days",
      about: "Fees withheld from transactions and those that Stripe charges separately, divided by charges.",
      units: { share: "percentunit" },
      queries: [sql(feeShare, "table")],
    }),
    timeseries({
      title: "Fees as a share of charges, by day",
      about: "By settlement currency. A day with few charges and a monthly fee stands out.",
      unit: "percentunit",
      width: 12,
      queries: [sql(feeShareByDay, "time_series")],
    }),
  ];
}

const payoutLinks = { payout: [objectLink("Show this payout on the page", "/payouts")] };

function payoutPanels(): Panels {
  return [
    table({
      title: "Next payouts",
      about: "Payouts that have not arrived, the next one first. Amounts in major units.",
      links: payoutLinks,
      queries: [sql(nextPayouts, "table")],
    }),
    table({
      title: "Unexplained payouts",
      about: "Amount less what the members of the payout add up to. TakingsPayoutUnexplained has a runbook.",
      links: payoutLinks,
      queries: [sql(unexplainedPayouts, "table")],
    }),
  ];
}
