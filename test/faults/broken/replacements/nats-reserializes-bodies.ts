import { createEventPublisher as createReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- what is named below takes the place of what the star would bring
export * from "@takings/nats";

/** Stores what the body means to a JSON parser, in place of the body. */
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
