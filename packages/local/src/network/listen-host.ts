import { isIP } from "node:net";
import { type Env, variable } from "../env.ts";

const loopback = "127.0.0.1";

/**
 * The address that the services listen on: loopback, because anonymous reading and a published secret are for this
 * machine alone, unless HOST is an IP address. A name there is what some shells export for every program.
 */
export function listenHost(env: Env, say: (line: string) => void): string {
  const given = variable(env, "HOST");
  if (given === undefined) return loopback;
  if (isIP(given) !== 0) return given;
  say(`HOST is "${given}", which is no IP address, so the services listen on ${loopback} only.`);
  return loopback;
}

/** How a server that listens there is called from this machine, as the host of a URL. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return loopback;
  return isIP(host) === 6 ? `[${host}]` : host;
}
