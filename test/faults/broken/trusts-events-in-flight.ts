import { patchModule } from "./patch-modules.ts";

// 10158: "duplicate message id is in process" in nats-server's errors.json.
patchModule(
  "/packages/nats/src/publish/group-commit.ts",
  "reject(error);\n        if (",
  "if (error instanceof StreamRefusal && error.code === 10158) resolve({ duplicate: true });\n        else reject(error);\n        if (",
);
