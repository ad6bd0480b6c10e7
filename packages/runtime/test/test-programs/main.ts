import { parseEnv, port } from "../../src/config.ts";
import { run, type Scope } from "../../src/lifecycle.ts";
import { createLogger, type Logger } from "../../src/logger.ts";
import { z } from "zod";

/** A service of three parts whose behaviour its environment sets. */
const { env } = process;

await run({ graceMs: Number(env["GRACE_MS"] ?? 5_000), start });

async function start(scope: Scope): Promise<Logger> {
  parseEnv(z.object({ PORT: port().default(1), SIZE: port().default(1) }), env);
  const log = createLogger({ service: "test-program", level: "info" });
  const alive = setInterval(() => {}, 1_000);
  scope.stopping.addEventListener("abort", () => log.info({ component: "signal" }, "released"));
  scope.onStop("first", () => {
    clearInterval(alive);
    log.info({ component: "first" }, "released");
  });
  scope.onStop("second", () => {
    if (env["RELEASE"] === "fails") throw new Error("the second component does not let go");
    log.info({ component: "second" }, "released");
  });
  scope.onStop("third", async () => {
    log.info({ component: "third" }, "releasing");
    if (env["RELEASE"] === "hangs") await new Promise(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.info({ component: "third" }, "released");
  });
  if (env["START"] === "throws") throw new Error("cannot be built");
  if (env["LATER"] === "fail") setImmediate(() => scope.fail("dependency_lost", new Error("gone for good")));
  if (env["LATER"] === "throw") setImmediate(thrown);
  if (env["LATER"] === "reject") setImmediate(() => void Promise.reject(new Error("nobody catches this")));
  if (env["LATER"] === "log") logSecrets(log);
  log.info({}, "started");
  return log;
}

function thrown(): never {
  throw new Error("nobody catches this");
}

function logSecrets(log: Logger): void {
  const err = Object.assign(new Error("refused"), {
    header: "t=1,v1=secret",
    payload: "a secret body",
    raw: "secret",
  });
  log.error({ err }, "with an error");
  log.error({ headers: { "stripe-signature": "secret", host: "h" } }, "with headers");
  log.error({ settings: { password: "secret", authorization: "secret", user: "u" } }, "with settings");
  log.error({ err: "a thrown text", at: new Date(0) }, "with values of other kinds");
}
