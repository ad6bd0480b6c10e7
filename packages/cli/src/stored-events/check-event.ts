import { isDeepStrictEqual } from "node:util";
import { createPaymentService, type EventRecord, rulesVersion } from "@takings/domain";
import { type EventRewrite, isSameFacts, type KeptEvent, storableText } from "@takings/postgres";
import { isUnparsed, toEventRecord } from "@takings/wire";

/** How a stored event differs from its body, and what to store instead. */
export type EventCheck = {
  /** Each difference, as text that follows the event's id. */
  readonly faults: readonly string[];
  /** `undefined`: nothing better can be stored. */
  readonly rewrite: EventRewrite | undefined;
};

/** Compares stored events with their bodies, as the consumer of this version reads them. */
export type EventChecker = (kept: KeptEvent) => EventCheck;

const columns = ["eventId", "type", "created", "livemode", "account", "objectId", "paymentIntent"] as const;

/** @param platformAccount the platform's own Stripe account id, if it is known. */
export function createEventChecker(platformAccount: string | undefined): EventChecker {
  const payments = createPaymentService(platformAccount);
  return (kept) => {
    const unreadable = kept.facts instanceof Error ? [kept.facts.message] : [];
    const { body } = kept;
    if (body instanceof Error) return { faults: [...unreadable, body.message], rewrite: relinked(kept) };
    if (body === "removed") return checkWithoutBody(kept, unreadable, platformAccount);
    // Parsing this body crashed the consumer, so it is not parsed here either.
    if (isUnparsed(kept)) return { faults: unreadable, rewrite: unchangedRewrite(kept) };
    const read = toEventRecord({ body, receivedAt: kept.receivedAt }, payments);
    return checkAgainstBody(kept, unreadable, { ...read, type: storableText(read.type) });
  };
}

/** What to store for an event that is out of date; `undefined` if it is up to date or nothing better can be stored. */
export function rewriteIfStale(kept: KeptEvent, { faults, rewrite }: EventCheck): EventRewrite | undefined {
  if (rewrite === undefined) return undefined;
  const isCurrent =
    faults.length === 0 && kept.isLinked && kept.rules === rewrite.rules && kept.reason === rewrite.reason;
  return isCurrent ? undefined : rewrite;
}

/** Without a body everything stays as stored, except the account: whether it is the platform can be decided without. */
function checkWithoutBody(
  kept: KeptEvent,
  unreadable: readonly string[],
  platformAccount: string | undefined,
): EventCheck {
  if (kept.status === "quarantined") {
    const lost =
      "is in quarantine and has no body, so it cannot be understood: fetch the event from Stripe again";
    return { faults: [...unreadable, lost], rewrite: undefined };
  }
  if (kept.facts instanceof Error || kept.account === null || kept.account !== platformAccount) {
    return { faults: unreadable, rewrite: relinked(kept) };
  }
  return {
    faults: [`account is ${kept.account}, which is the platform itself`],
    rewrite: { ...unchangedRewrite(kept), account: null, rules: kept.rules },
  };
}

/** Without a body only the link from the event to its payment can be corrected. */
function relinked(kept: KeptEvent): EventRewrite | undefined {
  const canBe = kept.facts !== undefined && !(kept.facts instanceof Error) && !kept.isLinked;
  return canBe ? { ...unchangedRewrite(kept), rules: kept.rules } : undefined;
}

function checkAgainstBody(kept: KeptEvent, unreadable: readonly string[], read: EventRecord): EventCheck {
  const faults = [...unreadable];
  for (const name of columns) {
    if (!isDeepStrictEqual(kept[name], read[name]))
      faults.push(`${name} is ${show(kept[name])}, but ${show(read[name])} in its body`);
  }
  if (kept.status === "processed" && read.status === "quarantined")
    faults.push(`is processed, but its body cannot be understood: ${read.reason}`);
  // A quarantined event is not counted until a person decides (`takings quarantine replay`), even if it is understood.
  const isHeld = kept.status === "quarantined" && read.status === "processed";
  const facts = isHeld ? undefined : read.facts;
  if (!(kept.facts instanceof Error) && !isSameFacts(facts, kept.facts))
    faults.push("its facts differ from those of its body");
  if (kept.eventId !== read.eventId) return { faults, rewrite: undefined };
  const { payload: _payload, receivedAt: _receivedAt, ...record } = read;
  const held = isHeld ? { status: kept.status, reason: kept.reason } : {};
  const reason = read.reason === null ? null : storableText(read.reason);
  return { faults, rewrite: { ...record, reason, ...held, facts, rules: rulesVersion } };
}

function unchangedRewrite(kept: KeptEvent): EventRewrite {
  const { body: _body, receivedAt: _receivedAt, isLinked: _isLinked, facts, ...record } = kept;
  return { ...record, facts: facts instanceof Error ? undefined : facts, rules: rulesVersion };
}

function show(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
