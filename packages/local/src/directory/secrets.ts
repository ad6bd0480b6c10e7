import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJson, writePrivately } from "./atomic-file.ts";
import { errorCode, LocalFailure } from "../failure.ts";
import { hasCluster } from "../postgres/has-cluster.ts";

const names = [
  "postgres_superuser",
  "postgres_migrator",
  "postgres_consumer",
  "postgres_query",
  "postgres_purger",
  "postgres_reconcile",
  "nats_admin",
  "nats_ingress",
  "nats_consumer",
  "nats_purger",
  "nats_reconcile",
] as const;

/** The passwords of one data directory. */
export type Secrets = Readonly<Record<(typeof names)[number], string>>;

/**
 * The passwords kept in the directory, made up on the first call; nobody but the owner can read the file. Throws a
 * LocalFailure where a database is there without the password that opens it.
 */
export function loadSecrets(dir: string): Secrets {
  const path = secretsPath(dir);
  const kept = readSavedSecrets(path);
  if (!kept.has("postgres_superuser") && hasCluster(join(dir, "postgres"))) {
    throw new LocalFailure(
      `${path} is missing or holds no passwords, and without them the data beside it cannot be opened: put the file back from a copy, or run start with --fresh, which throws the data away.`,
    );
  }
  const secrets = generate((name) => kept.get(name) ?? randomBytes(24).toString("base64url"));
  if (names.some((name) => !kept.has(name))) writePrivately(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

/** True where the directory holds passwords of ours. */
export function hasSecrets(dir: string): boolean {
  const kept = readSavedSecrets(secretsPath(dir));
  return kept.has("postgres_superuser") && kept.has("nats_admin");
}

function secretsPath(dir: string): string {
  return join(dir, "secrets.json");
}

function readSavedSecrets(path: string): ReadonlyMap<string, string> {
  try {
    const kept = readJson(path);
    const entries = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch (cause) {
    throw new LocalFailure(
      `${path} cannot be read (${errorCode(cause) ?? String(cause)}): give it to the user who runs this, or set TAKINGS_DIR to another folder.`,
      { cause },
    );
  }
}

function generate(secret: (name: string) => string): Secrets {
  return {
    postgres_superuser: secret("postgres_superuser"),
    postgres_migrator: secret("postgres_migrator"),
    postgres_consumer: secret("postgres_consumer"),
    postgres_query: secret("postgres_query"),
    postgres_purger: secret("postgres_purger"),
    postgres_reconcile: secret("postgres_reconcile"),
    nats_admin: secret("nats_admin"),
    nats_ingress: secret("nats_ingress"),
    nats_consumer: secret("nats_consumer"),
    nats_purger: secret("nats_purger"),
    nats_reconcile: secret("nats_reconcile"),
  };
}
