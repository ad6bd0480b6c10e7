/** A function as the catalog describes it. */
export type Callable = {
  readonly name: string;
  /** Types of its arguments, as the catalog writes them. */
  readonly types: readonly string[];
  /** How many of the last ones have defaults. */
  readonly defaults: number;
};

const odd: Readonly<Record<string, readonly string[]>> = {
  interval: ["null", "'-1 year'", "'0'", "'1000 years'", "'-infinity'", "'infinity'"],
  integer: ["null", "-2147483648", "-1", "0", "1", "30", "2147483647"],
  bigint: ["null", "-9223372036854775808", "0", "1", "9223372036854775807"],
  "timestamp with time zone": ["null", "'-infinity'", "'infinity'", "now()", "'4713-01-01 BC'"],
  text: [
    "null",
    "''",
    "'''; drop table takings.ledger; --'",
    "'payment'",
    "'default'",
    "repeat('x', 100000)",
  ],
  boolean: ["null", "true", "false"],
  "text[]": ["null", "'{}'", "array[null]", "(select array_agg(id) from takings.ledger)"],
  jsonb: [
    "null",
    "'{}'",
    "'[]'",
    "'0'",
    `'[{"kind":"payment","source":"default","account":"","livemode":true,"object_id":"ch_1"},{"kind":0},null]'`,
  ],
  numeric: ["null", "'NaN'", "'Infinity'", "-1", "1e1000"],
};

/** Calls of a function with unusual values. */
export function arbitraryCalls({ name, types, defaults }: Callable): readonly string[] {
  const values = types.map((type) => odd[type] ?? ["null", "'{}'"]);
  const most = Math.max(1, ...values.map(({ length }) => length));
  // Shifted against each other, so that one unusual value does not hide the next.
  const calls = Array.from({ length: most * 2 }, (_, round) =>
    values.map((list, place) => {
      const value = list[(round + (round < most ? 0 : place)) % list.length] ?? "null";
      return `(${value})::pg_catalog.${catalogName(types[place] ?? "")}`;
    }),
  );
  if (defaults === types.length) calls.push([]);
  return calls.map((values_) => `select takings.${name}(${values_.join(", ")})`);
}

function catalogName(type: string): string {
  const names: Readonly<Record<string, string>> = {
    integer: "int4",
    bigint: "int8",
    "timestamp with time zone": "timestamptz",
    boolean: "bool",
  };
  return names[type] ?? type;
}
