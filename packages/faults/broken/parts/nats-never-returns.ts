import { openDeliveries as openReal } from "@takings/nats";

// oxlint-disable-next-line import/export -- what is named below takes the place of what the star would bring
export * from "@takings/nats";

/** Takes nothing any more once there was trouble. */
export const openDeliveries: typeof openReal = (link, options) => {
  let isOver = false;
  const onTrouble = (reason: string): void => {
    isOver = true;
    options.onTrouble(reason);
  };
  const deliveries = openReal(link, { ...options, onTrouble });
  return {
    ...deliveries,
    async nextBatch() {
      const batch = await deliveries.nextBatch();
      return isOver ? new Promise<never>(() => {}) : batch;
    },
  };
};
