import { openClient } from "./open-client.ts";

/** Makes the meter anew from the ledger, as its owner. Readers see the old one until the new one is whole. */
export async function rebuildMeter(url: string): Promise<void> {
  const client = await openClient(url, { name: "rebuild", settings: { work_mem: "262144" } });
  try {
    await client.query("select takings.rebuild_meter()");
  } finally {
    await client.end();
  }
}
