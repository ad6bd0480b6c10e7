import { writeFileSync } from "node:fs";
import { checksumsFile, checksumsOf, readMigrations } from "./migration-files.ts";

// Until the first release a migration may still be edited; this updates the list of checksums.
writeFileSync(checksumsFile, checksumsOf(await readMigrations()));
