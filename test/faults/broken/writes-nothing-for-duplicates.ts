import { patchModule } from "./patch-modules.ts";

// A transaction that writes nothing does not wait for the standby.
patchModule(
  "/packages/postgres/src/record/payment-writer.ts",
  "          finish();\n",
  '          finish();\n          if (written.fresh.size === 0) await client.query("rollback and chain");\n',
);
