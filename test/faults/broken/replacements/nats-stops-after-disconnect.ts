import { openDeliveries as openReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- the export below overrides the one of the star
export * from "@takings/nats";

/** Returns no batch once the connection was lost. */
export const openDeliveries: typeof openReal = (link, options) => {
  let isDone = false;
  link.watch(({ connected }) => (isDone ||= !connected));
  const deliveries = openReal(link, options);
  return {
    ...deliveries,
    async nextBatch() {
      const batch = await deliveries.nextBatch();
      return isDone ? new Promise<never>(() => {}) : batch;
    },
  };
};
