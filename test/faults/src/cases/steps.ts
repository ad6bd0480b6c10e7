import { setTimeout as delay } from "node:timers/promises";
import type { StripeEvent } from "@takings/simulator";
import type { CaseContext } from "../fault-case.ts";
import type { TcpProxy } from "../proxy.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import type { Direction, ProxyAction } from "../forward.ts";
import type { Consumer } from "../services.ts";

/** Lets a fault last, or traffic flow: the length is part of the fault. */
export const sleep = (ms: number): Promise<void> => delay(ms);

/** Lets traffic flow for a while of the seed's choice, so that the fault comes at another point each time. */
export function sleepRandomly({ random }: CaseContext, atLeastMs: number, atMostMs: number): Promise<void> {
  return delay(random.int(atLeastMs, atMostMs));
}

const momentWithinMs = 15_000;

/**
 * Kills a process at the moment at which these bytes pass on one of its ways. Throws when they never do: then the
 * case was not brought about.
 */
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

/** Does something at the moment at which these bytes pass; throws when they never do. */
export async function onNextBytes(
  proxy: TcpProxy,
  direction: Direction,
  bytes: string,
  act: () => ProxyAction,
): Promise<void> {
  const late = new AbortController();
  const inVain = delay(momentWithinMs, "in vain", { signal: late.signal }).catch(() => undefined);
  const happened = proxy.onNextBytes(direction, bytes, act).then(() => "seen");
  if ((await Promise.race([happened, inVain])) === "in vain")
    throw new Error(
      `"${bytes}" did not pass within ${momentWithinMs / 1000} s, so the fault was not injected`,
    );
  late.abort();
}

/** Freezes a process for a while. */
export async function freeze(process: SupervisedProcess, ms: number): Promise<void> {
  process.signal("SIGSTOP");
  await sleep(ms);
  process.signal("SIGCONT");
}

/** Freezes whichever consumer is the first to have written events, while nobody else can see them; returns it. */
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

/** The next event of the traffic that says nothing of any payment. */
export function nextWithoutPayment({ sender }: CaseContext): StripeEvent {
  for (;;) {
    const event = sender.next();
    if (!/^(v1\.)?(payment_intent|charge|refund)\./.test(event.type)) return event;
  }
}
