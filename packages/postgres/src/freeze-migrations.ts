import { writeFileSync } from "node:fs";
import { checksumList, frozenListPath } from "./frozen-migrations.ts";
import { readMigrations } from "./migration-files.ts";

// Until the first release a migration may still be edited; this is how the list follows.
writeFileSync(frozenListPath, checksumList(await readMigrations()));
