import type { Json } from "../json.ts";
import type { Random } from "../random.ts";

const strange = [
  "",
  "order 4711, two of each",
  "Grüße, 東京 & Αθήνα",
  "👩‍👩‍👧 takes 2 🥐",
  "right-to-left \u202e and no-break \u00a0 space",
  "NUL \u0000 inside",
  "half a pair \ud800 here",
  "the other half \udc00 there",
  "\u2028 line \u2029 paragraph \ufeff mark",
  'quotes " and \\ backslash and </script>',
  "'; drop table events; --",
  "1e400",
  "null",
];

const strangeKeys = [
  "order_id",
  "__proto__",
  "constructor",
  "länge",
  "\u0000",
  "\ud83d",
  "amount",
  "livemode",
  "id",
  "",
];

/** Random metadata, also text that is hard for a database or a log. */
export function oddContent(random: Random): Json {
  const members = Array.from({ length: random.int(0, 4) }, (_, index): [string, string] => [
    random.chance(0.6) ? `${random.letters(6)}_${index}` : random.pick(strangeKeys),
    random.pick(strange),
  ]);
  return Object.fromEntries(members);
}
