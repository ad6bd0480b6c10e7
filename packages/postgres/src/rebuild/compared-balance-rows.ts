// Compares rows with those that follow from the events ($1, as JSON) within a range of ids ($2 exclusive, $3 inclusive or
// null). The types of the columns are those of the table, so nothing is rounded. Planned each time, because a plan that was
// made while the table was small would read all of it.

const transactionColumns = `
  id, source, account, livemode, type, reporting_category, currency, gross, fee, net, created, available_on,
  status, balance_type, description, source_id, payout, event_id, said_at, said_received_at, payout_event_id,
  payout_said_at, payout_said_received_at`;

const payoutColumns = `
  id, source, account, livemode, amount, currency, status, automatic, arrival_date, created, trace_id,
  reconciliation_status, members, event_id, said_at, said_received_at, members_event_id, members_said_at,
  members_said_received_at`;

const comparedText = (storedText: string, derivedText: string): string => `
  select id, source, account, livemode, to_jsonb(stored) as stored, to_jsonb(derived) as derived
  from (${storedText}) as stored
  full join (${derivedText}) as derived using (id, source, account, livemode)
  where stored is distinct from derived
  order by id, source, account, livemode`;

const inRange = "id > $2 and ($3::text is null or id <= $3)";

/** The statements, by kind of object. A transaction's moment follows from the payouts as they are stored. */
export const comparedRowsTexts = {
  transaction: comparedText(
    `select ${transactionColumns}, effective_at from takings.balance_transactions where ${inRange}`,
    `select ${transactionColumns}, coalesce((
        select arrival_date from takings.payouts as own
        where incoming.reporting_category = 'payout' and own.id = incoming.source_id
          and own.source = incoming.source and own.account = incoming.account and own.livemode = incoming.livemode and own.automatic
      ), created) as effective_at
      from json_populate_recordset(null::takings.balance_transactions, $1::json) as incoming`,
  ),
  payout: comparedText(
    `select ${payoutColumns} from takings.payouts where ${inRange}`,
    `select ${payoutColumns} from json_populate_recordset(null::takings.payouts, $1::json)`,
  ),
} as const;
