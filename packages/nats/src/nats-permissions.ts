/** What one user of the server may do; subjects in NATS notation. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** A user of the server; without permissions it may do everything. */
export type NatsUser = "admin" | "ingress" | "consumer" | "purger" | "reconcile";

/**
 * The least that each service needs, and no more. Ingress can add events and look at the stream it adds to,
 * never read or delete; consumer can take from its own durable and acknowledge, never add; purger can look at both,
 * at single messages for their time, and purge; reconcile can add, and ask how far the consumer has come, never read.
 */
export const natsPermissions: Readonly<Record<Exclude<NatsUser, "admin">, NatsPermissions>> = {
  ingress: {
    publish: ["stripe.events.>", "$JS.API.STREAM.INFO.STRIPE_EVENTS"],
    subscribe: ["_INBOX_ingress.>"],
  },
  consumer: {
    publish: [
      "$JS.API.CONSUMER.MSG.NEXT.STRIPE_EVENTS.revenue",
      "$JS.API.CONSUMER.INFO.STRIPE_EVENTS.revenue",
      "$JS.API.STREAM.INFO.STRIPE_EVENTS",
      "$JS.API.DIRECT.GET.STRIPE_EVENTS",
      "$JS.ACK.STRIPE_EVENTS.revenue.>",
    ],
    subscribe: ["_INBOX_consumer.>"],
  },
  purger: {
    publish: [
      "$JS.API.STREAM.INFO.STRIPE_EVENTS",
      "$JS.API.CONSUMER.INFO.STRIPE_EVENTS.revenue",
      "$JS.API.DIRECT.GET.STRIPE_EVENTS",
      "$JS.API.STREAM.PURGE.STRIPE_EVENTS",
    ],
    subscribe: ["_INBOX_purger.>"],
  },
  reconcile: {
    publish: [
      "stripe.events.>",
      "$JS.API.STREAM.INFO.STRIPE_EVENTS",
      "$JS.API.CONSUMER.INFO.STRIPE_EVENTS.revenue",
    ],
    subscribe: ["_INBOX_reconcile.>"],
  },
};
