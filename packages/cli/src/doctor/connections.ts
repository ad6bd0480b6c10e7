import { type LiveConnection, type NatsLink, openLink } from "@takings/nats";
import { createPool, inspectServer, type ServerState } from "@takings/postgres";
import { databaseUrl, type Environment, natsServer, parseEnv } from "@takings/runtime";
import type { Pool } from "../connections/database.ts";
import { databaseSettings } from "../settings/database.ts";
import { natsSettings } from "../settings/nats.ts";

/** A database that responded. */
export type Database = { readonly pool: Pool; readonly state: ServerState };

/** A NATS server that responded. */
export type Nats = { readonly link: NatsLink; readonly connection: LiveConnection };

/** The servers that the environment names. Each is connected to once, by the first check that asks. */
export type Connections = {
  /** `undefined` where the environment names none. Rejects where it does not respond. */
  database(): Promise<Database> | undefined;
  nats(): Promise<Nats> | undefined;
  close(): Promise<void>;
};

const statementTimeoutMs = 8_000;
/** Several checks ask at the same time. */
const poolSize = 4;
/** What takes longer belongs to a server that does not respond; the command ends the process anyway. */
const closeTimeoutMs = 1_000;

/** Connects to nothing yet. @param connectMs how long to wait for a NATS server. */
export function createConnections(environment: Environment, connectMs: number): Connections {
  const closing: (() => Promise<void>)[] = [];
  const database = async (): Promise<Database> => {
    const url = databaseUrl(parseEnv(databaseSettings, environment));
    const pool = createPool({
      url,
      name: "doctor",
      max: poolSize,
      statementTimeoutMs,
      onIdleError: () => {},
    });
    closing.push(() => pool.end());
    return { pool, state: await inspectServer(pool) };
  };
  const nats = async (): Promise<Nats> => {
    const server = natsServer(parseEnv(natsSettings, environment));
    const link = await openLink({ ...server, name: userOf(server.url) });
    closing.push(() => link.close());
    return { link, connection: await link.connected(connectMs) };
  };
  const connections = { database: once(database), nats: once(nats) };
  return {
    database: () => (isSet(environment, "DATABASE_URL") ? connections.database() : undefined),
    nats: () => (isSet(environment, "NATS_URL") ? connections.nats() : undefined),
    async close() {
      const ended = Promise.allSettled(closing.map((end) => end()));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, closeTimeoutMs)));
      await Promise.race([ended, late]);
      clearTimeout(timer);
    },
  };
}

/** Whether a variable has a value; an empty one counts as absent. */
export function isSet(environment: Environment, name: string): boolean {
  return (environment[name] ?? "").trim() !== "";
}

/** Each user may receive responses in an inbox of its own name only. */
export function userOf(natsUrl: string): string {
  const user = URL.parse(natsUrl.split(",")[0]?.trim() ?? "")?.username ?? "";
  return user === "" ? "admin" : decodeURIComponent(user);
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}
