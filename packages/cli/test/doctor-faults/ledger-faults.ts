import { eventOf, type PlantedFault, set, statement } from "./planted-fault.ts";

const reconciled = "update takings.reconciliations set missing = 0, complete_through = now()";

/** Money that is missing, or may be. */
export const ledgerFaults: readonly PlantedFault[] = [
  {
    title: "a payment that another event shows",
    check: "ledger/gaps",
    found: /1 payments and 0 refunds of source default$/,
    advice: /TakingsGaps/,
    plant: statement(
      `insert into takings.gaps (kind, source, account, livemode, object_id, amount, currency, seen_at, event_id)
       values ('payment', 'default', '', false, 'ch_1', 100, 'usd', now() - interval '2 hours', 'evt_1')`,
      "delete from takings.gaps",
    ),
  },
  {
    title: "an event in quarantine",
    check: "ledger/quarantine",
    found: /1 events of source default$/,
    advice: /TakingsQuarantineNotEmpty/,
    plant: statement(eventOf("quarantined", "'unparsed: test'"), "delete from takings.events"),
  },
  {
    title: "a ledger that differs from Stripe",
    check: "ledger/reconcile",
    found: /differs from Stripe in 2 objects of platform, test mode/,
    advice: /TakingsReconcileMissing/,
    plant: statement("update takings.reconciliations set missing = 2", reconciled),
  },
  {
    title: "a comparison of three days ago",
    check: "ledger/reconcile",
    found: /not compared with Stripe for two days: platform, test mode/,
    advice: /TakingsReconcileStale/,
    plant: statement(
      `update takings.reconciliations
       set complete_from = now() - interval '9 days', complete_through = now() - interval '3 days'`,
      reconciled,
    ),
  },
  {
    title: "a balance of two days ago",
    check: "ledger/balance",
    found: /not been complete for a day: platform, test mode/,
    advice: /TakingsBalanceSyncStale/,
    plant: statement(
      "update takings.balance_syncs set complete_through = now() - interval '2 days'",
      "update takings.balance_syncs set complete_through = now()",
    ),
  },
  {
    title: "a source with events that is not in the file",
    check: "ledger/sources",
    found: /^source shop-old had events within a week/,
    advice: /put it back into the file/,
    plant: statement(
      `insert into takings.sources (name) values ('shop-old'); ${eventOf("processed", "null", "shop-old", 0)}`,
      "delete from takings.events",
      "delete from takings.sources where name = 'shop-old'",
    ),
  },
  {
    title: "another account than that of the stored events",
    check: "ledger/sources",
    found: /STRIPE_ACCOUNT_ID is acct_2, but the events of this store were counted with acct_1/,
    advice: /the-platforms-own-account/,
    plant: set({ STRIPE_ACCOUNT_ID: "acct_2" }),
  },
  {
    title: "a payout that its members do not explain",
    check: "ledger/balance",
    found: /^1 payouts differ from their members/,
    advice: /TakingsPayoutUnexplained/,
    plant: statement(
      `insert into takings.payouts (id, source, account, livemode, amount, currency, status, automatic, arrival_date, created,
         reconciliation_status, members, event_id, said_at, said_received_at, recorded_at)
       values ('po_1', 'default', '', false, 100, 'usd', 'paid', true, now() - interval '1 day', now(), 'completed', 1, 'evt_1',
         now(), now(), (select watermark from takings.balance_watermark))`,
      "delete from takings.payouts",
    ),
  },
];
