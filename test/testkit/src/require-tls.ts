import { chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withClient } from "@takings/local";
import type { TestAuthority } from "./certificates.ts";

/**
 * Makes a running PostgreSQL server accept encrypted connections only, except of its superuser, with which the testkit waits
 * for it. @param url of its superuser.
 */
export async function requireTls(url: string, { certFile, keyFile }: TestAuthority): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ data_directory: string }>("show data_directory");
    const data = rows[0]?.data_directory ?? "";
    // The server only accepts a key that its own user owns.
    const { uid, gid } = statSync(data);
    for (const [from, name] of [
      [certFile, "server.crt"],
      [keyFile, "server.key"],
    ] as const) {
      copyFileSync(from, join(data, name));
      chownSync(join(data, name), uid, gid);
    }
    const access = join(data, "pg_hba.conf");
    const encrypted = readFileSync(access, "utf8").replaceAll(/^host\b/gm, "hostssl");
    writeFileSync(access, `hostnossl all postgres 127.0.0.1/32 scram-sha-256\n${encrypted}`);
    await client.query("alter system set ssl = on");
    await client.query("select pg_reload_conf()");
  });
}
