/** A change in a response. */
export type StatedChange = {
  readonly entry_id: string;
  readonly change: string;
  readonly why: string;
  readonly recorded_at: string;
  readonly currency: string;
  readonly figure: "gross" | "refunded" | "disputed";
  readonly effect: { readonly minor: string };
  readonly before: { readonly event_id: string; readonly amount: { readonly minor: string } } | null;
  readonly after: { readonly event_id: string; readonly amount: { readonly minor: string } } | null;
};

type StatedTotal = Readonly<Record<"gross" | "refunded" | "disputed" | "net", { readonly minor: string }>> & {
  readonly currency: string;
};

/** Non-zero figures by currency and name: `{"usd gross": 100n}`. */
export type Figures = Readonly<Record<string, bigint>>;

const names = ["gross", "refunded", "disputed", "net"] as const;

/** The difference between the totals of `now` and those of `then`. */
export function differenceOf(then: readonly StatedTotal[], now: readonly StatedTotal[]): Figures {
  const signed = (totals: readonly StatedTotal[], sign: bigint): [string, bigint][] =>
    totals.flatMap((total) =>
      names.map((name): [string, bigint] => [`${total.currency} ${name}`, sign * BigInt(total[name].minor)]),
    );
  return sum([...signed(then, -1n), ...signed(now, 1n)]);
}

/** The sum of the effects that changes report. */
export function effectsOf(changes: readonly StatedChange[]): Figures {
  return sum(
    changes.flatMap(({ currency, figure, effect }): [string, bigint][] => {
      const net = BigInt(effect.minor);
      return [
        [`${currency} net`, net],
        [`${currency} ${figure}`, figure === "gross" ? net : -net],
      ];
    }),
  );
}

function sum(parts: readonly (readonly [string, bigint])[]): Figures {
  const all: Record<string, bigint> = {};
  for (const [name, amount] of parts) all[name] = (all[name] ?? 0n) + amount;
  return Object.fromEntries(Object.entries(all).filter(([, amount]) => amount !== 0n));
}
