import { createEventPublisher as createReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- the export below overrides the one of the star
export * from "@takings/nats";

/** Stores the parsed and reserialized body. */
export const createEventPublisher: typeof createReal = (...parameters) => {
  const publisher = createReal(...parameters);
  return {
    ...publisher,
    publish: (event) =>
      publisher.publish({
        ...event,
        body: Buffer.from(JSON.stringify(JSON.parse(Buffer.from(event.body).toString()))),
      }),
  };
};
