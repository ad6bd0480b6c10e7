import { setTimeout as delay } from "node:timers/promises";
import { isAccepted, type StripeEvent } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import type { CaseContext } from "../fault-case.ts";
import type { TcpProxy } from "../proxy.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import type { Direction, ProxyAction } from "../forward.ts";
import type { Consumer } from "../services.ts";

/** Waits while a fault lasts or traffic flows. */
export const sleep = (ms: number): Promise<void> => delay(ms);

/** Waits for a time that the seed determines, so that each cycle injects the fault at another moment. */
export function sleepRandomly({ random }: CaseContext, atLeastMs: number, atMostMs: number): Promise<void> {
  return delay(random.int(atLeastMs, atMostMs));
}

/** The replica whose turn it is in this cycle. */
export function replicaOf<T>(replicas: readonly T[], { cycle }: CaseContext): T {
  const replica = replicas[cycle % replicas.length];
  if (replica === undefined) throw new Error("this case needs a replica");
  return replica;
}

/** Sends an event until it gets a 2xx, as Stripe does. */
export async function deliver({ sender }: CaseContext, event: StripeEvent, withinMs = 30_000): Promise<void> {
  await eventually(`a 2xx for ${event.id}`, async () => isAccepted(await sender.attempt(event)), withinMs);
}

/** Does something with each item, with so many in progress at a time. */
export async function inParallel<T>(
  concurrency: number,
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await act(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Runs `takings verify`; a difference is a violation. */
export async function verify({ harness, reportViolation }: CaseContext): Promise<void> {
  await harness.takings("verify").catch((error: unknown) => reportViolation("ONCE", String(error)));
}

/** Kills a process under load and waits until it has recovered. */
export async function killUnderLoad(
  context: CaseContext,
  process: SupervisedProcess,
  atLeastMs = 100,
  atMostMs = 600,
): Promise<void> {
  await sleepRandomly(context, atLeastMs, atMostMs);
  await process.end("SIGKILL");
  context.healed();
  await process.ready();
}

const bytesWithinMs = 15_000;

/** Kills a process when these bytes pass one of its proxies. Throws when they never do: the fault was not injected. */
export async function killAt(
  context: CaseContext,
  process: SupervisedProcess,
  proxy: TcpProxy,
  moment: { readonly direction: Direction; readonly bytes: string; readonly action: ProxyAction },
): Promise<void> {
  await onNextBytes(proxy, moment.direction, moment.bytes, () => {
    process.signal("SIGKILL");
    return moment.action;
  });
  context.healed();
  await process.ready();
}

/** Acts when these bytes pass; throws when they never do. */
export async function onNextBytes(
  proxy: TcpProxy,
  direction: Direction,
  bytes: string,
  act: () => ProxyAction,
): Promise<void> {
  const seen = new AbortController();
  const timeout = delay(bytesWithinMs, "timeout", { signal: seen.signal }).catch(() => undefined);
  const happened = proxy.onNextBytes(direction, bytes, act).then(() => "seen");
  if ((await Promise.race([happened, timeout])) === "timeout")
    throw new Error(
      `"${bytes}" did not pass within ${bytesWithinMs / 1000} s, so the fault was not injected`,
    );
  seen.abort();
}

/** Freezes a process for a while. */
export async function freeze(process: SupervisedProcess, ms: number): Promise<void> {
  process.signal("SIGSTOP");
  await sleep(ms);
  process.signal("SIGCONT");
}

/** Freezes the first consumer that has written events and not committed them; returns it. */
export async function freezeFirstWriter(consumers: readonly Consumer[]): Promise<SupervisedProcess> {
  const { promise: frozen, resolve } = Promise.withResolvers<SupervisedProcess>();
  let isFirst = true;
  const written = consumers.map(({ process, postgres }) =>
    onNextBytes(postgres, "down", "INSERT 0 ", () => {
      if (isFirst) process.signal("SIGSTOP");
      isFirst = false;
      resolve(process);
      return "pass";
    }),
  );
  return Promise.race([frozen, Promise.all(written).then(() => frozen)]);
}

/** The next event of the traffic that concerns no payment. */
export function nextWithoutPayment({ sender }: CaseContext): StripeEvent {
  for (;;) {
    const event = sender.next();
    if (!/^(v1\.)?(payment_intent|charge|refund)\./.test(event.type)) return event;
  }
}
