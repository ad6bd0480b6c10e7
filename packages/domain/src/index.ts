export type { ErrorCode } from "./errors.ts";
export type { Arrival, EventRecord, StreamPosition } from "./event-record.ts";
export type { LedgerChange } from "./ledger-change.ts";
export type { EntryKey, EntryKind, LedgerClaim, Witness } from "./ledger.ts";
export type {
  BalanceTransaction,
  Charge,
  Dispute,
  PaymentEvent,
  PaymentIntent,
  Refund,
  Subject,
} from "./payment-event.ts";
export type {
  EventFilter,
  LedgerEntry,
  LedgerFilter,
  LedgerSum,
  Moment,
  Page,
  PaymentReader,
  PaymentRepository,
  PaymentWriter,
  StoredEvent,
  StoredEventWithPayload,
} from "./payment-repository.ts";
export type { Meaning, PaymentService } from "./payment-service.ts";
export type { TrialJournal } from "./trial-journal.ts";
export { exponentOf, toMajor, unusualExponents } from "./currency.ts";
export { TakingsError } from "./errors.ts";
export { changePosition } from "./ledger-change.ts";
export { entryId, entryKinds, mergeClaims } from "./ledger.ts";
export { createPaymentService } from "./payment-service.ts";
