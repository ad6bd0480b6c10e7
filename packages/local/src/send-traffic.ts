import { setTimeout as delay } from "node:timers/promises";
import { Stripe } from "stripe";
import { LocalFailure } from "./failure.ts";
import { fetchFailureReason, probeFailure } from "./network/http-probe.ts";
import type { TrafficEvent } from "./traffic.ts";

/** Where and how to send. */
export interface SendSettings {
  /** Where webhooks are received, with its path. */
  readonly url: string;
  /** Where ingress says why it is not ready, where that can be asked. */
  readonly readinessUrl?: string | undefined;
  /** What ingress verifies the signatures with. */
  readonly secret: string;
  /** How many requests are under way at once. */
  readonly concurrency: number;
  /** Called after each delivery that was accepted. */
  readonly progress: (sent: SendResult) => void;
}

/** How the sending went. */
export interface SendResult {
  /** Deliveries that got a 2xx. */
  accepted: number;
  /** Those of them that the broker knew already. */
  duplicates: number;
  /** Attempts that had to be made again. */
  retries: number;
}

const initialBackoffMs = 100;
const maxBackoffMs = 5_000;
const giveUpAfterMs = 120_000;

/** Delivers as Stripe does: again until it gets a 2xx. Throws a LocalFailure for what is refused to the end. */
export async function sendTraffic(
  settings: SendSettings,
  events: readonly TrafficEvent[],
): Promise<SendResult> {
  const result: SendResult = { accepted: 0, duplicates: 0, retries: 0 };
  const queue = events.values();
  const stopping = new AbortController();
  async function work(): Promise<void> {
    for (const event of queue) await deliver(settings, event, result, stopping.signal);
  }
  try {
    await Promise.all(Array.from({ length: settings.concurrency }, work));
  } finally {
    // After the first failure the others must not go on.
    stopping.abort();
  }
  return result;
}

async function deliver(
  settings: SendSettings,
  event: TrafficEvent,
  result: SendResult,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + giveUpAfterMs;
  for (let pauseMs = initialBackoffMs; ; pauseMs = Math.min(pauseMs * 2, maxBackoffMs)) {
    const outcome = await attempt(settings, event.body, signal);
    if (outcome.kind === "accepted") {
      result.accepted += 1;
      if (outcome.duplicate) result.duplicates += 1;
      settings.progress(result);
      return;
    }
    // A refusal that no repetition heals: the request itself is wrong.
    if (outcome.kind === "refused") throw refused(settings, event, outcome.reason);
    if (Date.now() > deadline) throw await notAccepted(settings, event, outcome.reason);
    result.retries += 1;
    await delay(pauseMs, undefined, { signal });
  }
}

type DeliveryOutcome =
  | { readonly kind: "accepted"; readonly duplicate: boolean }
  | { readonly kind: "refused" | "later"; readonly reason: string };

async function attempt(
  { url, secret }: SendSettings,
  body: string,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
  const headers = { "content-type": "application/json; charset=utf-8", "stripe-signature": signature };
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
    const response = await fetch(url, { method: "POST", headers, body, signal: within });
    const text = await response.text();
    if (response.ok) return { kind: "accepted", duplicate: /"duplicate":\s*true/.test(text) };
    const kind = response.status >= 500 || response.status === 429 ? "later" : "refused";
    return { kind, reason: `${response.status} ${text}` };
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: "later", reason: fetchFailureReason(error) };
  }
}

function refused({ url }: SendSettings, event: TrafficEvent, reason: string): LocalFailure {
  return new LocalFailure(
    `${url} refused ${event.type} ${event.id}: ${reason}. Where it is the signature, set STRIPE_WEBHOOK_SECRETS as for pnpm start.`,
  );
}

async function notAccepted(
  { url, readinessUrl }: SendSettings,
  event: TrafficEvent,
  reason: string,
): Promise<LocalFailure> {
  const unready = readinessUrl === undefined ? undefined : await probeFailure(readinessUrl);
  const why = unready === undefined ? "" : ` Ingress is not ready: ${unready}`;
  return new LocalFailure(
    `${url} did not accept ${event.type} ${event.id} within ${giveUpAfterMs / 1_000} s, the last time: ${reason}.${why}`,
  );
}
