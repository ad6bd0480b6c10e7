/** Numbers of sixteen digits and more may not survive as a double. */
const mayHoldLargeInteger = /\d{16}/;
const integerLiteral = /^-?\d+$/;
const fractionLiteral = /^-?\d+\.\d*[1-9]/;

/**
 * `JSON.parse` that keeps integers beyond 2^53 exact, as `bigint`. The exact way is slow, so it is used only for the rare
 * text with a run of digits that is long enough to need it.
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactJson(text: string): unknown {
  if (!mayHoldLargeInteger.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, exactInteger);
  } catch (error) {
    // A reviver recurses, plain parsing does not. No real event is nested this deeply, and an amount that lost digits is
    // refused later because it is not a safe integer.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

/** https://tc39.es/proposal-json-parse-with-source/ passes a reviver the literal of a value. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const literal = context?.source;
  if (typeof value !== "number" || literal === undefined) return value;
  if (integerLiteral.test(literal)) return Number.isSafeInteger(value) ? value : BigInt(literal);
  // A fraction that a double cannot hold must not become the integer it is rounded to.
  return Number.isInteger(value) && fractionLiteral.test(literal) ? Number.NaN : value;
}

declare global {
  interface JSON {
    /** https://tc39.es/proposal-json-parse-with-source/#sec-json.rawjson */
    rawJSON(text: string): unknown;
  }
}

/** The JSON of a value of {@link parseExactJson}, with the same integers. */
export function stringifyExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" ? JSON.rawJSON(part.toString()) : part,
  );
}
