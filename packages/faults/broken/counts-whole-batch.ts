import { changePassage } from "./break.ts";

changePassage(
  "/packages/postgres/src/write-ledger.ts",
  "select recorded_at, livemode, account, currency, kind, occurred_at, amount, 1 as entry from written",
  "select $14::timestamptz as recorded_at, livemode, account, currency, kind, occurred_at, amount, 1 as entry from incoming",
);
