import type { Json } from "../json.ts";
import type { Random } from "../random.ts";

/** How a JSON value is written. */
export type JsonStyle = {
  /** Whitespace before a member of an object or list of the given depth, and before its closing bracket. */
  readonly gap: (depth: number) => string;
  readonly colon: string;
  readonly order: (keys: readonly string[]) => readonly string[];
  readonly quote: (text: string) => string;
};

/** How Stripe writes its webhooks: two spaces, members in a fixed order. */
export const stripeStyle: JsonStyle = {
  gap: (depth) => `\n${"  ".repeat(depth)}`,
  colon: ": ",
  order: (keys) => keys,
  quote: (text) => JSON.stringify(text),
};

/** A valid style that any serializer would change: it shows whether bodies are kept byte for byte. */
export function oddStyle(random: Random): JsonStyle {
  const gaps = random.pick([[""], ["", " "], ["", "\n", "\t", " \r\n "]]);
  const escapeAll = random.chance(0.5);
  return {
    gap: () => random.pick(gaps),
    colon: random.pick([":", " : ", ":\t"]),
    order: (keys) => random.shuffle(keys),
    quote: (text) => (escapeAll ? escaped(JSON.stringify(text)) : JSON.stringify(text)),
  };
}

/** Writes a JSON value in a style. Lone surrogates and control characters are always escaped. */
export function writeJson(value: Json, style: JsonStyle, depth = 0): string {
  if (typeof value === "string") return style.quote(value);
  if (value === null || typeof value !== "object") return String(value);
  if (isList(value)) {
    return bracketed(
      "[",
      "]",
      value.map((item) => writeJson(item, style, depth + 1)),
      style,
      depth,
    );
  }
  const members = style.order(Object.keys(value)).flatMap((key) => {
    const member = value[key];
    return member === undefined ? [] : [style.quote(key) + style.colon + writeJson(member, style, depth + 1)];
  });
  return bracketed("{", "}", members, style, depth);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function bracketed(
  open: string,
  close: string,
  parts: readonly string[],
  style: JsonStyle,
  depth: number,
): string {
  if (parts.length === 0) return open + close;
  const inner = parts.map((part) => style.gap(depth + 1) + part).join(",");
  return open + inner + style.gap(depth) + close;
}

function escaped(quoted: string): string {
  const unit = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return quoted.replaceAll("/", "\\/").replaceAll(/[^ -~]/g, unit);
}
