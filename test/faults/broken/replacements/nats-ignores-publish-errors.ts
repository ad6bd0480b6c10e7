import { createEventPublisher as createReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- the export below overrides the one of the star
export * from "@takings/nats";

/** Reports every failure as a success. */
export const createEventPublisher: typeof createReal = (...parameters) => {
  const publisher = createReal(...parameters);
  return { ...publisher, publish: (event) => publisher.publish(event).catch(() => ({ duplicate: false })) };
};
