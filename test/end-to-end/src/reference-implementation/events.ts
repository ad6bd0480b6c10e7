/** A parsed body of Stripe, or a part of one. Only the members that the rules name are used. */
export type Body = Readonly<Record<string, unknown>>;

/** One event of the list, with all that it shows. */
export type ParsedEvent = {
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly reconciled: boolean;
  /** The date of its API version; a missing one counts as the newest. */
  readonly version: string;
  readonly account: string | null;
  readonly livemode: boolean;
  readonly shows: readonly Shown[];
};

/** An object that an event shows: its own (`outermost`), or one within it. */
export type Shown = {
  readonly event: ParsedEvent;
  readonly object: "payment_intent" | "charge" | "refund" | "dispute";
  readonly id: string;
  readonly body: Body;
  /** What it says itself, or what it stands in says. */
  readonly charge: string | undefined;
  readonly intent: string | undefined;
  readonly place: "outermost" | "listed refund of the outermost charge" | "within";
};

const newest = "9999-12-31";

export function parseEvent(body: Body, platform: string | undefined): ParsedEvent {
  const shows: Shown[] = [];
  const reported: ParsedEvent = {
    id: String(body["id"]),
    type: String(body["type"]),
    created: Number(body["created"]),
    reconciled: String(body["id"]).startsWith("evt_reconcile_"),
    version: /^\d{4}-\d\d-\d\d/.exec(String(body["api_version"]))?.[0] ?? newest,
    account: ownerOf(body, platform),
    livemode: body["livemode"] === true,
    shows,
  };
  const outermost = part(part(body, "data"), "object");
  collect(outermost, {
    event: reported,
    into: shows,
    charge: undefined,
    intent: undefined,
    place: "outermost",
  });
  return reported;
}

/** `account`, else the account that `context` is or ends with; the platform's own is nobody's else. */
export function ownerOf(body: Body, platform: string | undefined): string | null {
  const { account, context } = body;
  const named =
    typeof account === "string"
      ? account
      : /(?:^|\/)(acct_\w+)$/.exec(typeof context === "string" ? context : "")?.[1];
  return named === undefined || named === platform ? null : named;
}

type Walk = {
  readonly event: ParsedEvent;
  readonly into: Shown[];
  readonly charge: string | undefined;
  readonly intent: string | undefined;
  readonly place: Shown["place"];
};

function collect(value: unknown, walk: Walk): void {
  if (Array.isArray(value)) for (const item of value) collect(item, walk);
  if (!isBody(value) || Array.isArray(value)) return;
  const { object, id } = value;
  let inner: Walk = { ...walk, place: walk.place === "outermost" ? "within" : walk.place };
  if (typeof id === "string") {
    const charge = idOf(value["charge"]) ?? walk.charge;
    const intent = idOf(value["payment_intent"]) ?? (object === "charge" ? undefined : walk.intent);
    const { event, place } = walk;
    if (object === "refund" || object === "dispute") {
      walk.into.push({ event, object, id, body: value, charge, intent, place });
      inner = { ...inner, charge: undefined, intent: undefined };
    }
    if (object === "charge") {
      walk.into.push({ event, object, id, body: value, charge: id, intent, place });
      inner = { ...inner, charge: id, intent };
    }
    if (object === "payment_intent") {
      walk.into.push({
        event,
        object,
        id,
        body: value,
        charge: idOf(value["latest_charge"]),
        intent: id,
        place,
      });
      inner = { ...inner, charge: undefined, intent: id };
    }
  }
  for (const [name, within] of Object.entries(value)) {
    const listed = walk.place === "outermost" && object === "charge" && name === "refunds";
    collect(within, listed ? { ...inner, place: "listed refund of the outermost charge" } : inner);
  }
}

export function part(body: Body, name: string): Body {
  const value = body[name];
  return isBody(value) ? value : {};
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null;
}

/** What a reference names, expanded or not. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const id = isBody(value) ? value["id"] : undefined;
  return typeof id === "string" ? id : undefined;
}

/** An amount that can be understood; a missing or malformed one says nothing. */
export function amountOf(body: Body, name: string): bigint | undefined {
  const amount = signedAmountOf(body, name);
  return amount !== undefined && amount >= 0n ? amount : undefined;
}

/** The same, where money may go either way. */
export function signedAmountOf(body: Body, name: string): bigint | undefined {
  const value = body[name];
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

export function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** The greatest of them, or nothing. */
export function maxOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((most, amount) => (amount > most ? amount : most), 0n);
}

/** The order of everything: what `takings reconcile` made comes last, then by time, by an amount, by event id. */
export function inOrder<T extends { readonly event: ParsedEvent }>(
  all: readonly T[],
  amount: (one: T) => bigint = () => 0n,
): T[] {
  return all.toSorted(
    (a, b) =>
      Number(a.event.reconciled) - Number(b.event.reconciled) ||
      a.event.created - b.event.created ||
      Number(amount(a) > amount(b)) - Number(amount(a) < amount(b)) ||
      (a.event.id < b.event.id ? -1 : Number(a.event.id > b.event.id)),
  );
}
