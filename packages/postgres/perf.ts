import { createPool, createPaymentReader } from "./src/index.ts";
const pool = createPool({
  url: process.env["S"]!,
  name: "perf",
  max: 1,
  statementTimeoutMs: 60000,
  onIdleError: () => {},
});
const r = createPaymentReader(pool);
const pct = (a: number[], p: number) =>
  a.toSorted((x, y) => x - y)[Math.min(a.length - 1, Math.floor(a.length * p))]!.toFixed(1);
const asOf = await r.latestMoment();
const base = {
  asOf,
  livemode: true,
  account: null as string | null,
  currency: undefined as string | undefined,
};
const t0 = Date.UTC(2021, 0, 1),
  t1 = Date.UTC(2026, 0, 1);
async function time(name: string, n: number, f: () => Promise<unknown>) {
  const a: number[] = [];
  for (let i = 0; i < n; i++) {
    const s = performance.now();
    await f();
    a.push(performance.now() - s);
  }
  console.log(name.padEnd(40), "p50", pct(a, 0.5), "p99", pct(a, 0.99));
}
const rnd = () => new Date(t0 + Math.floor((Math.random() * (t1 - t0)) / 1000) * 1000);
for (const account of [null, "*"]) {
  await time(`random range ${account}`, 60, () => {
    const [a, b] = [rnd(), rnd()].toSorted((x, y) => +x - +y);
    return r.sums({ ...base, account, from: a!.toISOString(), to: b!.toISOString() });
  });
  for (const [zone, off] of [
    ["UTC", 0],
    ["NY", 5],
    ["India", -5.5],
  ] as const)
    for (const currency of [undefined, "usd"])
      await time(`year daily ${zone} ${account} ${currency}`, 15, () => {
        const y = Date.UTC(2023, 0, 1) + off * 3600e3;
        const b = Array.from({ length: 365 }, (_, i) => new Date(y + i * 864e5).toISOString());
        return r.sums(
          { ...base, account, currency, from: b[0], to: new Date(y + 365 * 864e5).toISOString() },
          b,
        );
      });
}
await time("latest", 50, () => r.latestMoment());
await time("raw sum random range", 5, () => {
  const [a, b] = [rnd(), rnd()].toSorted((x, y) => +x - +y);
  return pool.query(
    "select currency, sum(amount) from takings.ledger where livemode and account = '' and occurred_at >= $1 and occurred_at < $2 group by 1",
    [a, b],
  );
});
await pool.end();
