export { missedMutation, type TieOutAnswer } from "./balance/reports/find-mutation.ts";
export {
  type MutatedReportFile,
  mutatedReportFiles,
  type ReportFile,
  reportFiles,
} from "./balance/reports/report-files.ts";
export { type BalanceClient, createBalanceClient } from "./balance/balance-client.ts";
export { compareBalance, type ExpectedBalance } from "./balance/compare-balance.ts";
export { type Differences } from "./balance/differences.ts";
export {
  type BalanceArithmetic,
  balanceArithmetic,
  type StatedBalance,
  type StatedSummary,
  type StatedTransaction,
  type Sums,
} from "./balance/arithmetic.ts";
export { itemizedReport, reportColumns, type ReportForm } from "./balance/reports/itemized-report.ts";
export { type MutationKind, mutateReport, type ReportMutation } from "./balance/reports/mutate-report.ts";
export { type ItemizedReport, type ReportRange } from "./balance/reports/report-rows.ts";
export { summaryColumns, type SummaryReport, summaryReport } from "./balance/reports/summary-report.ts";
export type { RequestReport } from "./balance/request-rates.ts";
export { countedTransactions, type StatedPayout, statedPayouts } from "./balance/stated-facts.ts";
export { balancePermissions } from "./balance/balance-answers.ts";
export {
  type BalanceObjects,
  objectsOfLife,
  objectsWrittenDown,
  type WrittenObjects,
} from "./balance/balance-objects.ts";
export { createBalanceLife, lifeCurrencies } from "./balance/create-life.ts";
export {
  type BalanceFault,
  type FakeBalanceApi,
  fakeBalanceApi,
  type FakeBalanceApiOptions,
} from "./balance/fake-balance-api.ts";
export {
  type BalanceLife,
  type BalanceLifeOptions,
  type LifePayout,
  type LifeTransaction,
  payoutsOf,
  transactionsOf,
} from "./balance/life.ts";
export { type ApiObject, payoutAt, transactionAt } from "./balance/stripe-balance-objects.ts";
export {
  deliverEvents,
  deliveriesOf,
  type DeliveryCounts,
  type DeliveryReport,
  isAccepted,
  type Refusal,
  retryUntilAccepted,
} from "./deliver-events.ts";
export type { DeliveryAttempt, SentEvent } from "./endpoints/deliver.ts";
export {
  type EndpointFault,
  endpointPermissions,
  type FakeEndpointApi,
  fakeEndpointApi,
  type FakeEndpointApiOptions,
  fakeEndpointKey,
} from "./endpoints/fake-endpoint-api.ts";
export { eventObject, paymentEvent, type PaymentEventFields, type StripeEvent } from "./event.ts";
export { connectedAccounts, generateHistories, platformAccount } from "./histories/traffic.ts";
export { createRandom, type Random } from "./random.ts";
export {
  createRevenueClient,
  type CurrencyRevenue,
  type LedgerEntry,
  type ListedEvent,
  type RevenueClient,
  type RevenueResponse,
  type SeriesResponse,
} from "./revenue-client.ts";
export { RevenueQueryError } from "./revenue-request.ts";
export { difference, mismatches, noTotals, type Totals, totalsOf } from "./revenue-totals.ts";
export { generateShopTraffic, shopEvents, type ShopTraffic } from "./shop/traffic.ts";
export { sign, testSecret } from "./sign.ts";
export { postWebhook, type WebhookRequest, type WebhookResponse } from "./webhook-client.ts";
