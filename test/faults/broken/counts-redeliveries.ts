import { patchModule } from "./patch-modules.ts";

patchModule(
  "/packages/postgres/src/ledger/write-ledger.ts",
  "select recorded_at, livemode, account, occurred_at, currency, kind, amount, 1 from written",
  "select $11::timestamptz, livemode, account, occurred_at, currency, kind, amount, 1 from incoming",
);
patchModule(
  "/packages/postgres/src/ledger/change-payments.ts",
  "deriveLedger(before.get(key)?.facts ?? [])",
  "deriveLedger([])",
);
