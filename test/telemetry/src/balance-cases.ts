import { type AlertCase, casesOf, fires, gauges, isSilent } from "./alert-case.ts";

const completeThrough = (account: string): string =>
  `takings_balance_complete_through_timestamp_seconds{account="${account}"}`;

export const balanceCases: readonly AlertCase[] = [
  ...casesOf("TakingsBalanceSyncStale", { at: "48h", every: "15m" }, [
    fires("one account was complete for the last time two days ago, another one is complete now", {
      [completeThrough("")]: "0+900x200",
      [completeThrough("acct_1")]: "0x200",
    }),
    fires("a first round began and does not finish", { [completeThrough("")]: "0x200" }),
    isSilent("each round of a daily schedule is complete up to its beginning", {
      [completeThrough("")]: "0x96 86400x96 172800x8",
    }),
    isSilent("two revenue-query processes report it, of which one cannot read any more", {
      'takings_balance_complete_through_timestamp_seconds{instance="a", account=""}': "0+900x200",
      'takings_balance_complete_through_timestamp_seconds{instance="b", account=""}': "0x200",
    }),
    isSilent("the balance is not synced", { 'takings_build_info{service="revenue-query"}': "1x200" }),
  ]),
  ...casesOf("TakingsPayoutUnexplained", { at: "12h", every: "5m" }, [
    fires("a payout of live mode stays unexplained", {
      'takings_balance_unexplained_payouts{livemode="true"}': "0x24 1x144",
      'takings_balance_unexplained_payouts{livemode="false"}': "0x168",
    }),
    isSilent(
      "what was unexplained is explained after an hour",
      gauges({ balance_unexplained_payouts: "0x24 2x12 0x132" }),
    ),
  ]),
];
