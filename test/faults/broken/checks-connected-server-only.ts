import { patchModule } from "./patch-modules.ts";

const file = "/packages/nats/src/durability/server-durability.ts";
patchModule(
  file,
  "const servers = [...known.values()];",
  "const servers = [...known.values()].filter(({ facts }) => facts.server_id === connected);",
);
