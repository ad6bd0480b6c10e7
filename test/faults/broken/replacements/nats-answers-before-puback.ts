import { createEventPublisher as createReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- what is named below takes the place of what the star would bring
export * from "@takings/nats";

/** Says that an event is stored while it is still on its way. */
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
