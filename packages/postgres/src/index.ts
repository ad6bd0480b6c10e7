// Connections and the schema.
export { createPool, type PoolOptions } from "./session/pool.ts";
export { migrate } from "./migrations/migrate.ts";
export { createSchemaCheck, type SchemaCheck } from "./migrations/schema-check.ts";
export {
  changePlatformAccount,
  type ConfiguredAccounts,
  type PlatformAccounts,
  readPlatformAccounts,
  registerPlatformAccounts,
  registerSources,
} from "./session/sources.ts";
// Writing: events, entries, and what goes with them.
export { createPaymentWriter, type StoreWriter } from "./record/payment-writer.ts";
export { advanceRecordedTime, readRecordedTime, type RecordedTime } from "./record/recorded-time.ts";
export {
  compactCommittedSequences,
  readCommittedSequences,
  type SequenceRange,
} from "./record/committed-sequences.ts";
export { createIsolationLog } from "./record/isolation-log.ts";
export { countPrunablePayloads, prunePayloads, type PruneOptions } from "./record/prune-payloads.ts";
export { advanceRollup } from "./rollup/advance-rollup.ts";
export { advanceBalanceRollup } from "./balance/advance-balance-rollup.ts";
// Reading.
export { createPaymentReader } from "./read/payment-reader.ts";
export { createBalanceReader } from "./balance/balance-reader.ts";
export { countOpenGaps, type GapCounts } from "./read/read-gaps.ts";
export { type BalanceState, readBalanceState } from "./balance/read-balance-state.ts";
// Stored forms.
export { isSameBalance } from "./columns/balance-column.ts";
export { isSameFacts } from "./columns/facts-column.ts";
export { createPayloadCodec, type PayloadCodec, type StoredPayload } from "./columns/payload-codec.ts";
export { storableText } from "./columns/storable-text.ts";
// Quarantine.
export {
  countOpenQuarantine,
  type QuarantineCount,
  type QuarantineDecision,
  type QuarantinedEvent,
  type QuarantineFilter,
  readDecisions,
  readQuarantine,
} from "./quarantine/read-quarantine.ts";
export type { Decider } from "./quarantine/insert-decision.ts";
export {
  dismissQuarantined,
  replayQuarantined,
  type ReplayOutcome,
} from "./quarantine/resolve-quarantine.ts";
// Verification and rebuild.
export type { BalanceObjectKey } from "./balance/said-fact.ts";
export type {
  BalanceComparison,
  ComparedBalance,
  ContradictingReading,
} from "./rebuild/compared-balance.ts";
export { correctBalance, rebuildBalanceRollup } from "./rebuild/correct-balance.ts";
export { quarantineReadings } from "./rebuild/quarantine-readings.ts";
export type { ComparedEntry, ComparedPayment } from "./rebuild/compared-payments.ts";
export { correctPayments } from "./rebuild/correct-payments.ts";
export { differencesBetween } from "./rebuild/ledger-fields.ts";
export { linkObjects } from "./rebuild/link-objects.ts";
export {
  type Decide,
  type EventRewrite,
  rewriteEvents,
  type RewriteResult,
} from "./rebuild/rewrite-events.ts";
export type { EventWithBody } from "./rebuild/stored-events.ts";
export { type Discrepancy, describeScope } from "./rebuild/discrepancy.ts";
export { type Verification, withVerification } from "./rebuild/verification.ts";
export { rebuildRollup } from "./rollup/rebuild-rollup.ts";
// Reconciliation with Stripe.
export { withReconciliationStore } from "./reconcile/reconciliation-store.ts";
// Sync of the balance with Stripe.
export { withBalanceSyncStores } from "./balance/sync-store.ts";
// Tie-out with reports of Stripe.
export {
  createTieOutReader,
  type TieOutRange,
  type TieOutReader,
  type TieOutScope,
} from "./balance/tie-out-reader.ts";
export type {
  CustomerPayment,
  ListedTransaction,
  TieOutExtent,
  TieOutPayout,
  TieOutSum,
  TieOutTransaction,
} from "./balance/tie-out-rows.ts";
// Inspection of the server, for `takings doctor`.
export {
  type ArchivingState,
  inspectServer,
  readArchiving,
  type ServerState,
} from "./inspect/inspect-server.ts";
export {
  isOpenToEverybody,
  type LoginState,
  readLogins,
  readStrayGrants,
  type StrayGrant,
} from "./inspect/inspect-roles.ts";
export { readStoredSources, type StoredSource } from "./inspect/read-stored-sources.ts";
export { readRollupLag, type RollupLag } from "./inspect/read-rollup-lag.ts";
