/** The source whose webhooks arrive at `/webhooks/stripe`. */
export const defaultSource = "default";

const sourceName = /^[a-z0-9-]{1,40}$/;

/** Whether a text can be the name of a source: a Stripe account with a path and secrets of its own. */
export function isSourceName(text: string): boolean {
  return sourceName.test(text);
}

/** What identifies an event: its id is unique within its source only. */
export type EventKey = { readonly source: string; readonly eventId: string };

/**
 * Identifies an event in the whole installation: two sources may have events with the same id. It is the `Nats-Msg-Id` of the
 * event's message. No source has a slash in its name, and no event id has one.
 */
export function messageIdOf({ source, eventId }: EventKey): string {
  return source === defaultSource ? eventId : `${source}/${eventId}`;
}

/** Parses the text of {@link messageIdOf}. */
export function parseMessageId(text: string): EventKey {
  const slash = text.indexOf("/");
  if (slash === -1) return { source: defaultSource, eventId: text };
  return { source: text.slice(0, slash), eventId: text.slice(slash + 1) };
}
