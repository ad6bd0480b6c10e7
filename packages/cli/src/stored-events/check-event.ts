import { isDeepStrictEqual } from "node:util";
import { createPaymentService, type EventRecord, rulesVersion } from "@takings/domain";
import { type EventRewrite, isSameFacts, type KeptEvent, storableText } from "@takings/postgres";
import { isUnparsed, toEventRecord } from "@takings/wire";

/** What of an event does not fit its body, in words, and what it is to say instead. */
export type EventCheck = {
  readonly faults: readonly string[];
  /** `undefined`: nothing better can be written. */
  readonly rewrite: EventRewrite | undefined;
};

/** Holds stored events against their bodies, as the consumer of this version reads them. */
export type EventChecker = (kept: KeptEvent) => EventCheck;

const columns = ["eventId", "type", "created", "livemode", "account", "objectId", "paymentIntent"] as const;

/** @param platformAccount the platform's own Stripe account id, where it is known. */
export function createEventChecker(platformAccount: string | undefined): EventChecker {
  const payments = createPaymentService(platformAccount);
  return (kept) => {
    const unreadable = kept.facts instanceof Error ? [kept.facts.message] : [];
    const { body } = kept;
    if (body instanceof Error) return { faults: [...unreadable, body.message], rewrite: relinked(kept) };
    if (body === "removed") return checkWithoutBody(kept, unreadable, platformAccount);
    // Nobody looks into it: that ended the consumer.
    if (isUnparsed(kept)) return { faults: unreadable, rewrite: unchangedRewrite(kept) };
    const read = toEventRecord({ body, receivedAt: kept.receivedAt }, payments);
    return checkAgainstBody(kept, unreadable, { ...read, type: storableText(read.type) });
  };
}

/** Whether an event has to be written anew, and what it is to say then. */
export function rewriteIfStale(kept: KeptEvent, { faults, rewrite }: EventCheck): EventRewrite | undefined {
  if (rewrite === undefined) return undefined;
  const isPresent =
    faults.length === 0 && kept.isLinked && kept.rules === rewrite.rules && kept.reason === rewrite.reason;
  return isPresent ? undefined : rewrite;
}

/** What was written when the body was there stays, but for whose the event is: that can be told without a body. */
function checkWithoutBody(
  kept: KeptEvent,
  unreadable: readonly string[],
  platformAccount: string | undefined,
): EventCheck {
  if (kept.status === "quarantined") {
    const lost = "is in quarantine and has no body, so what it means is lost: fetch it from Stripe again";
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

/** Without a body only the place where its payment finds it can be made right. */
function relinked(kept: KeptEvent): EventRewrite | undefined {
  const canBe = kept.facts !== undefined && !(kept.facts instanceof Error) && !kept.isLinked;
  return canBe ? { ...unchangedRewrite(kept), rules: kept.rules } : undefined;
}

function checkAgainstBody(kept: KeptEvent, unreadable: readonly string[], read: EventRecord): EventCheck {
  const faults = [...unreadable];
  for (const name of columns) {
    if (!isDeepStrictEqual(kept[name], read[name]))
      faults.push(`${name} is ${show(kept[name])}, by its body ${show(read[name])}`);
  }
  if (kept.status === "processed" && read.status === "quarantined")
    faults.push(`is processed, but: ${read.reason}`);
  // Understood or not, what is in quarantine counts nothing until a person decides (`takings quarantine replay`).
  const isHeld = kept.status === "quarantined" && read.status === "processed";
  const facts = isHeld ? undefined : read.facts;
  if (!(kept.facts instanceof Error) && !isSameFacts(facts, kept.facts))
    faults.push("its facts are not those of its body");
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
