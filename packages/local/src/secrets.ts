import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJson, writePrivately } from "./atomic-file.ts";

const names = [
  "postgres_superuser",
  "postgres_migrator",
  "postgres_consumer",
  "postgres_query",
  "postgres_janitor",
  "postgres_reconcile",
  "nats_admin",
  "nats_ingress",
  "nats_consumer",
  "nats_janitor",
  "nats_reconcile",
] as const;

/** The passwords of one data directory. */
export type Secrets = Readonly<Record<(typeof names)[number], string>>;

/** The passwords kept in the directory, made up on the first call; nobody but the owner can read the file. */
export function loadSecrets(dir: string): Secrets {
  const path = join(dir, "secrets.json");
  const kept = readJson(path);
  const known = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
  const old = new Map(known.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  const secrets = generate((name) => old.get(name) ?? randomBytes(24).toString("base64url"));
  if (names.some((name) => !old.has(name))) writePrivately(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

function generate(secret: (name: string) => string): Secrets {
  return {
    postgres_superuser: secret("postgres_superuser"),
    postgres_migrator: secret("postgres_migrator"),
    postgres_consumer: secret("postgres_consumer"),
    postgres_query: secret("postgres_query"),
    postgres_janitor: secret("postgres_janitor"),
    postgres_reconcile: secret("postgres_reconcile"),
    nats_admin: secret("nats_admin"),
    nats_ingress: secret("nats_ingress"),
    nats_consumer: secret("nats_consumer"),
    nats_janitor: secret("nats_janitor"),
    nats_reconcile: secret("nats_reconcile"),
  };
}
