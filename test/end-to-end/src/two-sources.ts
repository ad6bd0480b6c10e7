import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyTopology, openLink } from "@takings/nats";
import { connectedAccounts, platformAccount, type StripeEvent } from "@takings/simulator";
import { eventually, startService, testDatabase, testNats, testVariable } from "@takings/testkit";

/** A source beside the default one. Its platform is an account that is connected to the other platform. */
export const otherSource = {
  name: "shop-eu",
  secret: "whsec_shop_eu",
  platformAccount: connectedAccounts[0] ?? "",
};

/** An installation with two sources. */
export type TwoSources = AsyncDisposable & { readonly ingressUrl: string; readonly revenueUrl: string };

/** Starts all services, with NATS and a database of their own. @param secret that of the default source */
export async function startTwoSources(secret: string): Promise<TwoSources> {
  await using starting = new AsyncDisposableStack();
  const file = join(mkdtempSync(join(testVariable("TEST_DIR"), "sources-")), "sources.json");
  const settings = { webhook_secrets: [otherSource.secret], account_id: otherSource.platformAccount };
  writeFileSync(file, JSON.stringify({ [otherSource.name]: settings }));
  const nats = starting.use(await testNats());
  const database = starting.use(await testDatabase());
  const admin = await openLink({ url: nats.urls.admin, name: "admin" });
  await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 50_000_000 });
  await admin.close();
  const common = { STRIPE_SOURCES_FILE: file, STRIPE_ACCOUNT_ID: platformAccount };
  const started = [
    startService("ingress", {
      ...common,
      NATS_URL: nats.urls.ingress,
      NATS_MONITOR_URL: nats.monitorUrl,
      STRIPE_WEBHOOK_SECRETS: secret,
    }),
    startService("revenue-query", {
      ...common,
      DATABASE_URL: database.readerUrl,
      ALLOW_ANONYMOUS: "true",
      RATE_LIMIT_PER_MINUTE: "0",
    }),
    startService("consumer", {
      ...common,
      NATS_URL: nats.urls.consumer,
      DATABASE_URL: database.writerUrl,
    }),
  ] as const;
  for (const service of await Promise.all(started)) starting.use(service);
  const [ingress, query] = await Promise.all(started);
  await eventually("readiness", async () => (await fetch(`${ingress.adminUrl}/readyz`)).ok);
  const closing = starting.move();
  return {
    ingressUrl: ingress.url,
    revenueUrl: query.url,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/**
 * What another Stripe account could send with the same ids: every amount is another one, and events are missing, so that
 * other entries and gaps follow.
 */
export function differingEvents(events: readonly StripeEvent[]): StripeEvent[] {
  return events
    .filter((_, index) => index % 5 !== 0)
    .map((event) => ({
      ...event,
      body: event.body.replaceAll(
        /("amount\w*": ?)(\d+)/g,
        (_, name, digits) => `${name}${BigInt(digits) * 3n}`,
      ),
    }));
}
