/** Numbers of sixteen digits and more may not survive as a double. */
const mayHoldLargeInteger = /\d{16}/;
const integerLiteral = /^-?\d+$/;
const fractionLiteral = /^-?\d+\.\d*[1-9]/;

/**
 * `JSON.parse` that keeps integers beyond 2^53 exact, as `bigint`. The exact way is slow, so it is taken only
 * by the rare text with a run of digits long enough to need it.
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactJson(text: string): unknown {
  if (!mayHoldLargeInteger.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, exactInteger);
  } catch (error) {
    // A reviver recurses where plain parsing does not. So deep a body has no amount worth this precision, and an
    // amount that did lose digits is refused later because it is not a safe integer.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

/** https://tc39.es/proposal-json-parse-with-source/ hands a reviver the literal behind a value. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const literal = context?.source;
  if (typeof value !== "number" || literal === undefined) return value;
  if (integerLiteral.test(literal)) return Number.isSafeInteger(value) ? value : BigInt(literal);
  // A fraction too fine for a double must not pass for the integer it was rounded to.
  return Number.isInteger(value) && fractionLiteral.test(literal) ? Number.NaN : value;
}
