import { Client } from "pg";

/** Makes the meter anew from the ledger, as its owner. Readers see the old one until the new one is whole. */
export async function rebuildMeter(url: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: "takings-rebuild" });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("set timezone = 'UTC'; set work_mem = '256MB'; set jit = off");
    await client.query("select takings.rebuild_meter()");
  } finally {
    await client.end();
  }
}
