export type {
  BalanceFact,
  BalanceStatement,
  BalanceTransaction,
  BalanceTransactionFact,
  CategoryTotal,
  Payout,
  PayoutWithMembers,
  PayoutFact,
} from "./balance/balance-fact.ts";
export {
  type BalanceActivity,
  type BalancePosition,
  balancePosition,
  type BalanceReader,
  type BalanceScope,
  type BalanceTransactionFilter,
  type CurrencyBalance,
  parseBalancePosition,
  type PayoutFilter,
  type ScopeCompleteness,
} from "./balance/balance-reader.ts";
export type {
  BalanceSyncStore,
  KnownPayout,
  KnownTransaction,
  SyncRound,
  SyncSegment,
  SyncState,
} from "./balance/balance-sync.ts";
export type { ErrorCode } from "./errors.ts";
export type { PositionedRecord, EventRecord, StreamPosition } from "./event-record.ts";
export type {
  ScopedFacts,
  EventFacts,
  ShownBalanceTransaction,
  ShownCharge,
  ShownDispute,
  ShownObject,
  ShownPaymentIntent,
  ShownRefund,
} from "./derivation/event-facts.ts";
export type { DerivedEntry } from "./derivation/derived-entry.ts";
export type { DerivedLedger } from "./derivation/derive-ledger.ts";
export type { Gap } from "./derivation/gaps.ts";
export { type FoundObject, foundKinds } from "./found-object.ts";
export type { LedgerChange } from "./ledger-change.ts";
export type { EntryKey, EntryKind, LedgerEntry } from "./ledger.ts";
export type { LedgerScope } from "./ledger-scope.ts";
export type { Moment } from "./moment.ts";
export type { ScopedEntry, ScopedGap, LedgerDifference } from "./derivation/ledger-difference.ts";
export type {
  Charge,
  Dispute,
  DisputeTransaction,
  PaymentEvent,
  PaymentIntent,
  Refund,
  Subject,
} from "./payment-event.ts";
export type {
  EventFilter,
  LedgerFilter,
  LedgerSum,
  LedgerPage,
  Page,
  PaymentReader,
  PaymentRepository,
  PaymentWriter,
  StoredEvent,
  StoredEventWithPayload,
} from "./payment-repository.ts";
export type { GapFilter, GapPosition, OpenGap } from "./open-gap.ts";
export type { EventInterpretation, PaymentService } from "./payment-service.ts";
export type { IsolationLog } from "./isolation-log.ts";
export type {
  KnownGap,
  ReconciledScope,
  Reconciliation,
  ReconciliationStore,
  ReconcileRun,
  ReconcileStage,
} from "./reconciliation.ts";
export { exponentOf, majorText, toMajor, unusualExponents } from "./currency.ts";
export { TakingsError } from "./errors.ts";
export { releaseWindowMs } from "./derivation/captures.ts";
export { deriveLedger } from "./derivation/derive-ledger.ts";
export { isOfDispute } from "./derivation/disputes.ts";
export { changePosition } from "./ledger-change.ts";
export { scopedEntries, differenceBetween, mergeDifferences } from "./derivation/ledger-difference.ts";
export { expiredAuthorisation } from "./derivation/refunds.ts";
export { connectedGroups, objectsOf, representativeOf } from "./derivation/payment-objects.ts";
export { entryId, entryKinds } from "./ledger.ts";
export { parseGapPosition, gapPosition } from "./open-gap.ts";
export { createPaymentService } from "./payment-service.ts";
export { reconcileStages } from "./reconciliation.ts";
export { defaultSource, type EventKey, isSourceName, messageIdOf, parseMessageId } from "./source.ts";
export { rulesVersion } from "./rules-version.ts";
export { reconciledPrefix } from "./reconciled-event-id.ts";
