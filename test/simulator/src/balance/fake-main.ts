import { parseArgs } from "node:util";
import { balancePermissions } from "./balance-answers.ts";
import { type BalanceObjects, objectsOfLife } from "./balance-objects.ts";
import { createBalanceLife } from "./create-life.ts";
import { type BalanceFault, fakeBalanceApi } from "./fake-balance-api.ts";

// The fake of Stripe's balance as a process of its own. It prints its URL as JSON and ends with SIGTERM, or with the
// process that forked it. That process may send {"faults": […]}, {"now": seconds}, {"report": true}, which is answered with
// {"report": …}, and {"after": n}, which is answered with {"reached": true} at the n-th request from now.

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "2025-01-01T00:00:00Z" },
    days: { type: "string", default: "30" },
    transactions: { type: "string", default: "10000" },
    /** Connected accounts, each with a life of its own. */
    account: { type: "string", multiple: true, default: [] },
    key: { type: "string", default: "rk_test_secret0fake" },
    /** Stripe's time; without it that of this machine. */
    now: { type: "string" },
    "requests-per-second": { type: "string", default: "25" },
    port: { type: "string", default: "0" },
    /** Milliseconds before each answer. */
    latency: { type: "string", default: "0" },
  },
});

const from = Date.parse(values.from) / 1_000;
const days = Number(values.days);
const objectsOf = (account: string | null): BalanceObjects => {
  const transactions = Number(values.transactions);
  const life = createBalanceLife({ seed: Number(values.seed), account, from, days, transactions });
  // The first requests are for these days; while they are generated, requests would wait and then arrive all at once.
  life.payoutsOf(days - 1);
  return objectsOfLife(life, values.key.includes("_live_"));
};
let now = values.now === undefined ? undefined : Date.parse(values.now) / 1_000;
const fake = await fakeBalanceApi({
  accounts: new Map([null, ...values.account].map((account) => [account, objectsOf(account)])),
  keys: new Map([[values.key, Object.values(balancePermissions)]]),
  now: () => now ?? Date.now() / 1_000,
  requestsPerSecond: Number(values["requests-per-second"]),
  port: Number(values.port),
  latency: Number(values.latency),
});
process.stdout.write(`${JSON.stringify({ url: fake.url })}\n`);

let countdown = 0;
fake.onRequest = () => {
  countdown -= 1;
  if (countdown === 0) process.send?.({ reached: true });
};
process.on("message", (message: { report?: true; after?: number; faults?: BalanceFault[]; now?: number }) => {
  if (message.report) process.send?.({ report: fake.rates.report() });
  fake.faults.push(...(message.faults ?? []));
  now = message.now ?? now;
  countdown = message.after ?? countdown;
});
process.on("disconnect", () => process.exit());
