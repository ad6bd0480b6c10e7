import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Servers } from "./servers.ts";

/** The store of a nats-server at one moment. */
export type NatsSnapshot = {
  /** Replaces the store of the server, which must have ended. */
  restore(): void;
};

/** Stops the server, copies its store and starts it again; ingress refuses events meanwhile. */
export async function takeNatsSnapshot({ nats, natsSettings }: Servers): Promise<NatsSnapshot> {
  const [store, copy] = [join(natsSettings.dir, "store"), join(natsSettings.dir, "snapshot")];
  nats.hold();
  await nats.end("SIGTERM");
  rmSync(copy, { recursive: true, force: true });
  cpSync(store, copy, { recursive: true });
  nats.release();
  await nats.ready();
  return {
    restore() {
      rmSync(store, { recursive: true });
      cpSync(copy, store, { recursive: true });
    },
  };
}
