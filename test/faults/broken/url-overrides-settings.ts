import { patchModule } from "./patch-modules.ts";

const file = "/packages/postgres/src/session/session.ts";
patchModule(file, 'else await client.query(settingText(settings, "session"));', "");
patchModule(file, "if (differing.length === 0) return;", "if (differing.length >= 0) return;");
