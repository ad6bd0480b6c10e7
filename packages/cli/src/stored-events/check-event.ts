import { isDeepStrictEqual } from "node:util";
import { createPaymentService, type EventRecord, rulesVersion } from "@takings/domain";
import {
  type EventRewrite,
  isSameBalance,
  isSameFacts,
  type EventWithBody,
  storableText,
} from "@takings/postgres";
import { isUnparsed, toEventRecord } from "@takings/wire";

/** How a stored event differs from its body, and what to store instead. */
export type EventCheck = {
  /** Each difference, as text that follows the event's id. */
  readonly faults: readonly string[];
  /** `undefined`: nothing better can be stored. */
  readonly rewrite: EventRewrite | undefined;
};

/** Compares stored events with their bodies, as the consumer of this version reads them. */
export type EventChecker = (stored: EventWithBody) => EventCheck;

const columns = ["eventId", "type", "created", "livemode", "account", "objectId", "paymentIntent"] as const;

/** Creates the checker. @param accounts the platform's own Stripe account id of each source, if it is known. */
export function createEventChecker(accounts: ReadonlyMap<string, string | undefined>): EventChecker {
  const payments = createPaymentService((source) => accounts.get(source));
  return (stored) => {
    const unreadable = [stored.facts, stored.balance].flatMap((read) =>
      read instanceof Error ? [read.message] : [],
    );
    const { body } = stored;
    if (body instanceof Error) return { faults: [...unreadable, body.message], rewrite: relinked(stored) };
    if (body === "removed") return checkWithoutBody(stored, unreadable, accounts.get(stored.source));
    // Parsing this body crashed the consumer, so it is not parsed here either.
    if (isUnparsed(stored)) return { faults: unreadable, rewrite: unchangedRewrite(stored) };
    const read = toEventRecord({ source: stored.source, body, receivedAt: stored.receivedAt }, payments);
    return checkAgainstBody(stored, unreadable, { ...read, type: storableText(read.type) });
  };
}

/** What to store for an event that is out of date; `undefined` if it is up to date or nothing better can be stored. */
export function rewriteIfStale(
  stored: EventWithBody,
  { faults, rewrite }: EventCheck,
): EventRewrite | undefined {
  if (rewrite === undefined) return undefined;
  const isCurrent =
    faults.length === 0 &&
    stored.isLinked &&
    stored.rules === rewrite.rules &&
    stored.reason === rewrite.reason;
  return isCurrent ? undefined : rewrite;
}

/** Without a body everything stays as stored, except the account: whether it is the platform can be decided without. */
function checkWithoutBody(
  stored: EventWithBody,
  unreadable: readonly string[],
  platformAccount: string | undefined,
): EventCheck {
  if (stored.status === "quarantined") {
    const lost =
      "is in quarantine and has no body, so it cannot be understood: fetch the event from Stripe again";
    return { faults: [...unreadable, lost], rewrite: undefined };
  }
  if (unreadable.length > 0 || stored.account === null || stored.account !== platformAccount) {
    return { faults: unreadable, rewrite: relinked(stored) };
  }
  return {
    faults: [`account is ${stored.account}, which is the platform itself`],
    rewrite: { ...unchangedRewrite(stored), account: null, rules: stored.rules },
  };
}

/** Without a body only the link from the event to its payment can be corrected. */
function relinked(stored: EventWithBody): EventRewrite | undefined {
  const isReadable = ![stored.facts, stored.balance].some((read) => read instanceof Error);
  const canBe = stored.facts !== undefined && isReadable && !stored.isLinked;
  return canBe ? { ...unchangedRewrite(stored), rules: stored.rules } : undefined;
}

function checkAgainstBody(
  stored: EventWithBody,
  unreadable: readonly string[],
  read: EventRecord,
): EventCheck {
  const faults = [...unreadable];
  for (const name of columns) {
    if (!isDeepStrictEqual(stored[name], read[name]))
      faults.push(`${name} is ${show(stored[name])}, but ${show(read[name])} in its body`);
  }
  if (stored.status === "processed" && read.status === "quarantined")
    faults.push(`is processed, but its body cannot be understood: ${read.reason}`);
  // A quarantined event is not counted until a person decides (`takings quarantine replay`), even if it is understood.
  const isHeld = stored.status === "quarantined" && read.status === "processed";
  const facts = isHeld ? undefined : read.facts;
  if (!(stored.facts instanceof Error) && !isSameFacts(facts, stored.facts))
    faults.push("its facts differ from those of its body");
  const balance = isHeld ? undefined : read.balance;
  if (!(stored.balance instanceof Error) && !isSameBalance(balance, stored.balance))
    faults.push("states something else about the balance than its body");
  if (stored.eventId !== read.eventId) return { faults, rewrite: undefined };
  const { payload: _payload, receivedAt: _receivedAt, ...record } = read;
  const held = isHeld ? { status: stored.status, reason: stored.reason } : {};
  const reason = read.reason === null ? null : storableText(read.reason);
  return { faults, rewrite: { ...record, reason, ...held, facts, balance, rules: rulesVersion } };
}

function unchangedRewrite(stored: EventWithBody): EventRewrite {
  const { body: _body, receivedAt: _receivedAt, isLinked: _isLinked, facts, balance, ...record } = stored;
  return {
    ...record,
    facts: facts instanceof Error ? undefined : facts,
    balance: balance instanceof Error ? undefined : balance,
    rules: rulesVersion,
  };
}

function show(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
