import { patchModule } from "./patch-modules.ts";

patchModule(
  "/packages/postgres/src/ledger/write-ledger.ts",
  "select recorded_at, livemode, source, account, occurred_at, currency, kind, amount, 1 from written",
  "select $12::timestamptz, livemode, source, account, occurred_at, currency, kind, amount, 1 from incoming",
);
patchModule(
  "/packages/postgres/src/ledger/change-payments.ts",
  "deriveLedger(before.get(key)?.facts ?? [])",
  "deriveLedger([])",
);
