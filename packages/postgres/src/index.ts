export type { GapCounts } from "./count-open-gaps.ts";
export type { PayloadCodec, StoredPayload } from "./payload-codec.ts";
export type { StoreWriter } from "./payment-writer.ts";
export type { PoolOptions } from "./pool.ts";
export type { SchemaCheck } from "./schema-check.ts";
export type { Decider, ReplayOutcome } from "./resolve-quarantine.ts";
export type { QuarantineDecision, QuarantinedEvent, QuarantineFilter } from "./read-quarantine.ts";
export type { Pruning } from "./prune-payloads.ts";
export type { RecordedTime } from "./read-recorded-time.ts";
export type { PlatformAccount } from "./installation.ts";
export type { ComparedEntry, ComparedPayment } from "./compared-payments.ts";
export type { Decide, EventRewrite, Rewritten } from "./rewrite-events.ts";
export type { SequenceRange } from "./read-committed-sequences.ts";
export type { KeptEvent } from "./stored-events.ts";
export type { Discrepancy, Verification } from "./verification.ts";
export { correctPayments } from "./correct-payments.ts";
export {
  changePlatformAccount,
  registerPlatformAccount,
  readPlatformAccount,
} from "./installation.ts";
export { isSameFacts } from "./facts-column.ts";
export { differencesBetween } from "./ledger-fields.ts";
export { linkObjects } from "./link-objects.ts";
export { rewriteEvents } from "./rewrite-events.ts";
export { advanceRollup } from "./advance-rollup.ts";
export { advanceRecordedTime } from "./advance-recorded-time.ts";
export { createSchemaCheck } from "./schema-check.ts";
export { migrate } from "./migrate.ts";
export { createPayloadCodec } from "./payload-codec.ts";
export { createPaymentReader } from "./payment-reader.ts";
export { createPaymentWriter } from "./payment-writer.ts";
export { createPool } from "./pool.ts";
export { countOpenGaps } from "./count-open-gaps.ts";
export { countOpenQuarantine } from "./count-open-quarantine.ts";
export { createIsolationLog } from "./isolation-log.ts";
export { compactCommittedSequences } from "./compact-committed-sequences.ts";
export { countPrunablePayloads, prunePayloads } from "./prune-payloads.ts";
export { dismissQuarantined, replayQuarantined } from "./resolve-quarantine.ts";
export { readDecisions, readQuarantine } from "./read-quarantine.ts";
export { readCommittedSequences } from "./read-committed-sequences.ts";
export { readRecordedTime } from "./read-recorded-time.ts";
export { withReconciliationStore } from "./reconciliation-store.ts";
export { storableText } from "./storable-text.ts";
export { withVerification } from "./verification.ts";
export { rebuildRollup } from "./rebuild-rollup.ts";
