import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { type Env, variable } from "../env.ts";
import { errorCode, LocalFailure } from "../failure.ts";

// Below the range of ephemeral ports, so that no outgoing connection takes the port of a component while it restarts.
const lowest = 20_000;
const highest = 32_000;

/** Finds that many different free ports, which no other process that asks here is given while this one runs. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = randomInt(lowest, highest);
    if ((await isFree(port)) && (await claim(port))) found.push(port);
  }
  return found;
}

/**
 * Holds a port for this process before anything listens on it: without that, two stacks that start beside each other
 * may find the same one. The claim is a Unix socket in the abstract namespace, which the kernel removes with the process
 * and which, like ports, belongs to a network namespace. Where there is no such namespace (macOS), nothing is claimed.
 */
function claim(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once("error", (error) => resolve(errorCode(error) !== "EADDRINUSE"));
    server.listen(`\0takings-port-${port}`, () => resolve(true));
  });
}

/** The port in a variable; 0 means any free one. Throws a LocalFailure when it is no port or is in use. */
export async function portFrom(env: Env, name: string, standard: number): Promise<number> {
  const text = variable(env, name) ?? String(standard);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new LocalFailure(
      `${name} is "${text}": set it to a port between 0 and 65535 (0 picks a free one).`,
    );
  }
  if (port === 0) return (await freePorts(1))[0] ?? 0;
  await requireFree(name, port);
  return port;
}

/** Throws a LocalFailure that names the variable when the port cannot be used. */
export async function requireFree(name: string, port: number): Promise<void> {
  const refusal = await refusalOf(port);
  if (refusal === undefined) return;
  throw new LocalFailure(
    refusal === "EACCES"
      ? `This user may not listen on port ${port}: set ${name} to one from 1024 on (0 picks a free one).`
      : `Port ${port} is already in use: set ${name} to another one (0 picks a free one).`,
  );
}

async function isFree(port: number): Promise<boolean> {
  return (await refusalOf(port)) === undefined;
}

type Refusal = "EADDRINUSE" | "EACCES" | undefined;

// A server on all addresses would receive connections that are meant for ours, or the other way round.
async function refusalOf(port: number): Promise<Refusal> {
  return (await tryToListen(port, undefined)) ?? (await tryToListen(port, "127.0.0.1"));
}

function tryToListen(port: number, host: string | undefined): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const code = errorCode(error);
      if (code === "EADDRINUSE" || code === "EACCES") resolve(code);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
