import { type Env, variable } from "../env.ts";

const loopback = ["127.0.0.1", "localhost", "::1"];

/**
 * Environment variables that exempt this machine from HTTP_PROXY; hosts that were exempt stay so. Set early, they also
 * apply to this process.
 */
export function proxyExemption(env: Env): Env {
  const known = (variable(env, "no_proxy") ?? variable(env, "NO_PROXY") ?? "").split(/[\s,]+/);
  const hosts = [...new Set([...known, ...loopback])].filter((name) => name !== "").join(",");
  // Programs differ in which of the two they read.
  return { NO_PROXY: hosts, no_proxy: hosts };
}
