import { createEventPublisher as createReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- the export below overrides the one of the star
export * from "@takings/nats";

/** Reports an event as stored before the PubAck. */
export const createEventPublisher: typeof createReal = (...parameters) => {
  const publisher = createReal(...parameters);
  return {
    ...publisher,
    async publish(event) {
      publisher.publish(event).catch(() => undefined);
      return { duplicate: false };
    },
  };
};
