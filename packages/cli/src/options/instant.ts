import { InvalidArgumentError } from "commander";
import { z } from "zod";

const rfc3339 = z.iso.datetime({ offset: true });

/** Parses an RFC 3339 instant to the millisecond; `undefined` for anything else. */
export function parseInstant(text: string): Date | undefined {
  if (!rfc3339.safeParse(text).success) return undefined;
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** Parser of an option that is an RFC 3339 instant. @throws InvalidArgumentError */
export function instantOption(text: string): Date {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  throw new InvalidArgumentError("It must be an RFC 3339 instant such as 2026-10-01T00:00:00Z.");
}

const plainDate = /^\d{4}-\d{2}-\d{2}$/;

/** Parser of an option that is an RFC 3339 instant, or a date: its beginning in UTC. @throws InvalidArgumentError */
export function instantOrDateOption(text: string): Date {
  const instant = parseInstant(plainDate.test(text) ? `${text}T00:00:00Z` : text);
  if (instant !== undefined) return instant;
  throw new InvalidArgumentError(
    "It must be a date such as 2026-10-01, or an RFC 3339 instant such as 2026-10-01T00:00:00Z.",
  );
}
