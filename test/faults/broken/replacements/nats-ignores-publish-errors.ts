import { createEventPublisher as createReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- what is named below takes the place of what the star would bring
export * from "@takings/nats";

/** Takes every failure for a success. */
export const createEventPublisher: typeof createReal = (...parameters) => {
  const publisher = createReal(...parameters);
  return { ...publisher, publish: (event) => publisher.publish(event).catch(() => ({ duplicate: false })) };
};
