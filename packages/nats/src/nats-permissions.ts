/** What one user of the server may do; subjects in NATS notation. */
export type NatsPermissions = {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
};

/** A user of the server; the admin may do everything. */
export type NatsUser = "admin" | "ingress" | "consumer" | "purger" | "reconcile";

/**
 * The least that each service needs. Ingress can publish events and request the stream's information, never read or
 * delete; the consumer can pull from its durable and acknowledge, never publish; the purger can request the information of
 * both, get single messages for their time, and purge; reconcile can publish and request how far the consumer is, never
 * read.
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
