import { openDeliveries as openReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- what is named below takes the place of what the star would bring
export * from "@takings/nats";

/** Acknowledges what it hands out, before anything became of it. */
export const openDeliveries: typeof openReal = (...parameters) => {
  const deliveries = openReal(...parameters);
  return {
    ...deliveries,
    async nextBatch() {
      const batch = await deliveries.nextBatch();
      if (batch !== undefined) await deliveries.acknowledge(batch);
      return batch;
    },
  };
};
