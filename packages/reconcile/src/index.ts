export type { Finding } from "./inspect.ts";
export type { ReconcileDependencies, ReconcileReport, ReconcileRequest } from "./reconcile.ts";
export type { StripeAccess } from "./stripe/page-fetcher.ts";
export type { StripeLists } from "./stripe/stripe-lists.ts";
export { reconcile } from "./reconcile.ts";
export { createStripeLists } from "./stripe/stripe-lists.ts";
