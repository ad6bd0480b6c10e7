import type { StripeSync } from "@supabase/stripe-sync-engine";
import { createRequire } from "node:module";
import express from "express";
import { Pool } from "pg";
import { Stripe } from "stripe";

// Common alternatives to ingress, each as a process of its own: node baseline.ts floor|naive|engine, with PORT, SECRET and
// DATABASE_URL. All receive the raw body, verify it with stripe's verifier and respond with JSON, as ingress does.

const { PORT = "0", SECRET = "", DATABASE_URL } = process.env;
const baselines: Record<string, () => Promise<(body: Buffer, signature: string) => Promise<unknown>>> = {
  floor: async () => async (body, signature) => verify(body, signature),
  naive: startNaive,
  engine: startEngine,
};
const start = baselines[process.argv[2] ?? ""];
if (start === undefined) throw new Error("the first argument must be floor, naive or engine");
const take = await start();
const app = express().disable("x-powered-by");
app.post("/webhooks/stripe", express.raw({ type: "*/*", limit: "512kb" }), async (request, response) => {
  await take(request.body as Buffer, request.header("stripe-signature") ?? "");
  response.json({ received: true });
});
app.get("/readyz", (_, response) => void response.end());
app.listen(Number(PORT), "127.0.0.1");

function verify(body: Buffer, signature: string): Stripe.Event {
  return Stripe.webhooks.constructEvent(body, signature, SECRET);
}

/** One insert per request into a simple table. */
async function startNaive(): Promise<(body: Buffer, signature: string) => Promise<unknown>> {
  const pool = new Pool({ connectionString: DATABASE_URL, max: 10 });
  await pool.query(
    "create table if not exists events (id text primary key, type text, created timestamptz, data jsonb)",
  );
  const text = "insert into events values ($1, $2, to_timestamp($3), $4) on conflict do nothing";
  return async (body, signature) => {
    const { id, type, created } = verify(body, signature);
    await pool.query({ name: "insert", text, values: [id, type, created, body.toString()] });
  };
}

async function startEngine(): Promise<(body: Buffer, signature: string) => Promise<unknown>> {
  // Its CommonJS build, because the ESM build does not find its migrations.
  const engine = createRequire(import.meta.url)("@supabase/stripe-sync-engine") as {
    runMigrations(config: { databaseUrl: string; schema: string }): Promise<void>;
    StripeSync: new (config: object) => StripeSync;
  };
  const schema = "stripe";
  await engine.runMigrations({ databaseUrl: DATABASE_URL ?? "", schema });
  const sync = new engine.StripeSync({
    poolConfig: { connectionString: DATABASE_URL, max: 10 },
    schema,
    stripeSecretKey: "sk_test_bench",
    stripeWebhookSecret: SECRET,
    backfillRelatedEntities: false,
    autoExpandLists: false,
  });
  return (body, signature) => sync.processWebhook(body, signature);
}
