import { isIP } from "node:net";
import { type Env, variable } from "../env.ts";

const loopback = "127.0.0.1";

/**
 * The address that the services listen on: HOST if it is an IP address, else loopback, because anonymous reading and a
 * published secret are for this machine alone. Some shells export a host name as HOST for every program.
 */
export function listenHost(env: Env, say: (line: string) => void): string {
  const given = variable(env, "HOST");
  if (given === undefined) return loopback;
  if (isIP(given) !== 0) return given;
  say(`HOST is "${given}", which is no IP address, so the services listen on ${loopback} only.`);
  return loopback;
}

/** The host of a URL for a server that listens there, from this machine. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return loopback;
  return isIP(host) === 6 ? `[${host}]` : host;
}
