import { messageIdOf, TakingsError } from "@takings/domain";
import type { EventPublisher } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import { publishSpan, recordFailure } from "@takings/telemetry";
import { boundedType, type Envelope, isUnambiguousText, readEnvelope, stream } from "@takings/wire";
import type { IngressMetrics, Outcome } from "./metrics.ts";
import type { SigningSecret } from "./signing-secrets.ts";
import { verifySignature } from "./verify-signature.ts";

/** What {@link receiveWebhook} depends on. */
export type WebhookDependencies = {
  readonly publisher: EventPublisher;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
  /** Why a confirmation of the stream would not be durable now; `undefined` while it is. */
  readonly durabilityFault: () => string | undefined;
};

/** A webhook request with a complete body. */
export type WebhookRequest = {
  readonly body: Buffer;
  readonly signature: string | undefined;
  readonly source: string;
  /** Those of the source. */
  readonly secrets: readonly SigningSecret[];
};

/** How to respond to a webhook request. */
export type WebhookResponse =
  | { readonly status: 200; readonly outcome: Outcome; readonly eventId: string; readonly duplicate: boolean }
  | { readonly status: 400 | 503; readonly outcome: Outcome; readonly detail: string };

const notAnEvent: WebhookResponse = {
  status: 400,
  outcome: "not_an_event",
  detail: "The body is not a Stripe event.",
};

/**
 * Handles one delivery of Stripe's. It responds 200 in one place only, when the stream has confirmed that it holds this
 * event; every doubt results in 503, so that Stripe sends it again.
 */
export async function receiveWebhook(
  { body, signature, source, secrets }: WebhookRequest,
  { publisher, metrics, log, durabilityFault }: WebhookDependencies,
): Promise<WebhookResponse> {
  if (!isUnambiguousText(body)) return notAnEvent;
  // Before parsing, which takes far longer: a sender without a secret must not keep the process busy.
  const verdict = verifySignature(body, signature, secrets, Date.now());
  if (!verdict.valid) {
    const isOutdated = verdict.reason === "timestamp";
    const outcome = isOutdated ? "bad_timestamp" : "bad_signature";
    // A clock that is too far off must be as visible as one that is only a little off.
    if (isOutdated && verdict.skewSeconds !== undefined) metrics.outdated(source, verdict.skewSeconds);
    log.warn({ source, reason: verdict.reason }, "signature_refused");
    return { status: 400, outcome, detail: "The Stripe-Signature header does not verify." };
  }
  metrics.verified(source, verdict.by.fingerprint, verdict.skewSeconds);
  const event = readEnvelope(body);
  if (event === undefined) return notAnEvent;

  try {
    throwIfFaulty(durabilityFault());
    const { duplicate } = await publishSpan(
      {
        destination: stream.name,
        messageId: messageIdOf({ source, eventId: event.id }),
        bodyBytes: body.byteLength,
      },
      (headers) => publisher.publish({ ...event, source, body, headers }),
    );
    // The stream may have been changed before it confirmed.
    throwIfFaulty(durabilityFault());
    log.info(
      { event_id: event.id, event_type: boundedType(event.type), source, duplicate },
      duplicate ? "duplicate_event" : "event_received",
    );
    return { status: 200, outcome: duplicate ? "duplicate" : "stored", eventId: event.id, duplicate };
  } catch (error) {
    if (error instanceof TakingsError) return notStored(log, event, source, error);
    throw error;
  }
}

function throwIfFaulty(reason: string | undefined): void {
  if (reason !== undefined) throw new TakingsError("unavailable", reason);
}

function notStored(log: Logger, event: Envelope, source: string, err: TakingsError): WebhookResponse {
  recordFailure("event_not_stored", messageIdOf({ source, eventId: event.id }), err.message);
  log.error(
    { event_id: event.id, event_type: boundedType(event.type), source, reason: err.message },
    "event_not_stored",
  );
  return {
    status: 503,
    outcome: "unavailable",
    detail: "The event could not be stored durably; send it again.",
  };
}
