import { openDeliveries as openReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- what is named below takes the place of what the star would bring
export * from "@takings/nats";

/** Takes nothing any more once the connection was lost. */
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
