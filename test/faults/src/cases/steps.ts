import { setTimeout as delay } from "node:timers/promises";
import type { StripeEvent } from "@takings/end-to-end/scene";
import type { Stage } from "../case.ts";
import type { Link } from "../link.ts";
import type { Part } from "../part.ts";
import type { Direction, Fate } from "../pump.ts";
import type { Consumer } from "../services.ts";

/** Lets a fault last, or traffic flow: the length is part of the fault. */
export const lasting = (ms: number): Promise<void> => delay(ms);

/** Lets traffic flow for a while of the seed's choice, so that the fault comes at another point each time. */
export function aWhile({ random }: Stage, atLeastMs: number, atMostMs: number): Promise<void> {
  return delay(random.int(atLeastMs, atMostMs));
}

const momentWithinMs = 15_000;

/**
 * Kills a process at the moment at which these bytes pass on one of its ways. Throws when they never do: then the
 * case was not brought about.
 */
export async function killAt(
  stage: Stage,
  part: Part,
  link: Link,
  moment: { readonly direction: Direction; readonly bytes: string; readonly fate: Fate },
): Promise<void> {
  await atMoment(link, moment.direction, moment.bytes, () => {
    part.signal("SIGKILL");
    return moment.fate;
  });
  stage.healed();
  await part.ready();
}

/** Does something at the moment at which these bytes pass; throws when they never do. */
export async function atMoment(
  link: Link,
  direction: Direction,
  bytes: string,
  act: () => Fate,
): Promise<void> {
  const late = new AbortController();
  const inVain = delay(momentWithinMs, "in vain", { signal: late.signal }).catch(() => undefined);
  const happened = link.atNext(direction, bytes, act).then(() => "seen");
  if ((await Promise.race([happened, inVain])) === "in vain")
    throw new Error(
      `"${bytes}" did not pass within ${momentWithinMs / 1000} s, so the fault was not brought about`,
    );
  late.abort();
}

/** One of several, the same for the same seed. */
export function oneOf<T>({ random }: Stage, items: readonly T[]): T {
  return random.pick(items);
}

/** Freezes a process for a while. */
export async function freeze(part: Part, ms: number): Promise<void> {
  part.signal("SIGSTOP");
  await lasting(ms);
  part.signal("SIGCONT");
}

/** Freezes whichever consumer is the first to have written events, while nobody else can see them; returns it. */
export async function freezeFirstWriter(consumers: readonly Consumer[]): Promise<Part> {
  const { promise: frozen, resolve } = Promise.withResolvers<Part>();
  let isFirst = true;
  const written = consumers.map(({ part, postgres }) =>
    atMoment(postgres, "down", "INSERT 0 ", () => {
      if (isFirst) part.signal("SIGSTOP");
      isFirst = false;
      resolve(part);
      return "pass";
    }),
  );
  return Promise.race([frozen, Promise.all(written).then(() => frozen)]);
}

/** The next event of the traffic that says nothing of any payment. */
export function nextWithoutPayment({ sender }: Stage): StripeEvent {
  for (;;) {
    const event = sender.next();
    if (!/^(v1\.)?(payment_intent|charge|refund)\./.test(event.type)) return event;
  }
}
