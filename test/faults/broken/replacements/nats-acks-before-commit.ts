import { openDeliveries as openReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- the export below overrides the one of the star
export * from "@takings/nats";

/** Acknowledges a batch when it is received, before it is processed. */
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
