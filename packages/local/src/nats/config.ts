import { join } from "node:path";
import type { Secrets } from "../directory/secrets.ts";
import type { ProcessCommand } from "../processes/child.ts";
import { writePrivately } from "../directory/atomic-file.ts";
import { recordOf } from "../record-of.ts";
import { natsPermissions, type NatsUser } from "@takings/nats/permissions";

/** Everything a server's configuration depends on. */
export interface NatsSettings {
  /** Directory of the configuration and of what the server stores. */
  readonly dir: string;
  readonly port: number;
  readonly monitorPort: number;
  readonly passwords: Readonly<Record<NatsUser, string>>;
  /** Most bytes that streams may take on disk. */
  readonly maxFileStoreBytes?: number;
  /** Changes the configuration's text. */
  readonly rewrite?: (config: string) => string;
}

const restrictedUsers = ["ingress", "consumer", "purger", "reconcile"] as const;
const users = ["admin", ...restrictedUsers] as const;
const defaultFileStoreBytes = 20 * 1024 ** 3;

/** Writes the server's configuration (readable by its owner only) and returns how to start the server. */
export function natsCommand(binary: string, settings: NatsSettings): ProcessCommand {
  const path = join(settings.dir, "nats.conf");
  const config = natsConfig(settings);
  writePrivately(path, settings.rewrite?.(config) ?? config);
  return { command: binary, args: ["--config", path] };
}

/** The address of a server for each user, password included. */
export function natsUrls({
  port,
  passwords,
}: Pick<NatsSettings, "port" | "passwords">): Record<NatsUser, string> {
  return recordOf(users, (user) => `nats://${user}:${passwords[user]}@127.0.0.1:${port}`);
}

/** The users' passwords among the secrets of a data directory. */
export function natsPasswords(secrets: Secrets): Record<NatsUser, string> {
  return recordOf(users, (user) => secrets[`nats_${user}`]);
}

/** The address of a server's monitoring endpoints. */
export function natsMonitorUrl({ monitorPort }: Pick<NatsSettings, "monitorPort">): string {
  return `http://127.0.0.1:${monitorPort}`;
}

/** The configuration as text. */
function natsConfig(settings: NatsSettings): string {
  return `# Written at each start; changes made here are lost.
server_name: "takings-local"
listen: "127.0.0.1:${settings.port}"
http: "127.0.0.1:${settings.monitorPort}"
max_payload: 1MB
jetstream {
  store_dir: ${JSON.stringify(join(settings.dir, "store"))}
  # An acknowledged message is on the disk, not only in the system's memory.
  sync_interval: always
  # Refused with an error before the disk is full.
  max_file_store: ${settings.maxFileStoreBytes ?? defaultFileStoreBytes}
  max_mem_store: ${64 * 1024 ** 2}
}
authorization {
  users: [
    { user: admin, password: ${JSON.stringify(settings.passwords.admin)} }
${restrictedUsers.map((user) => restrictedUser(user, settings.passwords[user])).join("\n")}
  ]
}
# A connection without credentials is the administrator's, so that a developer's own tools work.
# Acceptable only because this server listens on the loopback address; never do this in production.
no_auth_user: admin
`;
}

function restrictedUser(user: Exclude<NatsUser, "admin">, password: string): string {
  const { publish, subscribe } = natsPermissions[user];
  return `    { user: ${user}, password: ${JSON.stringify(password)}, permissions: {
      publish: { allow: ${JSON.stringify(publish)} }
      subscribe: { allow: ${JSON.stringify(subscribe)} }
    } }`;
}
