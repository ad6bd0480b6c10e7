/** A body that is not complete. */
export type ArrivingBody = {
  /** Whose share of the memory it counts towards; `undefined` for none. */
  readonly client: string | undefined;
  /** The bytes that have arrived and are in memory. */
  bytes: number;
  /** Called at most once, when it has to give way. Its bytes no longer count then: drop them. */
  onGiveWay: () => void;
};

/** The bodies that are arriving. */
export type ArrivingBodies = {
  /**
   * Adds bytes to a body. Where they do not fit into the room, or into the share of its client, the bodies that have been
   * arriving longest give way. Returns `false` when this body itself would have to, or is too large without any other.
   */
  add(body: ArrivingBody, bytes: number, room: number): boolean;
  /** Removes a body and what it counts; does nothing when it is not there. */
  remove(body: ArrivingBody): void;
};

/** @param bytesPerClient what the bodies of one client may have in memory. A single body may have more. */
export function createArrivingBodies(bytesPerClient: number): ArrivingBodies {
  /** In the order of their first bytes. */
  const bodies = new Set<ArrivingBody>();
  const bytesOf = new Map<string, number>();
  let total = 0;

  const count = (body: ArrivingBody, bytes: number): void => {
    body.bytes += bytes;
    total += bytes;
    if (body.client === undefined) return;
    const ofClient = (bytesOf.get(body.client) ?? 0) + bytes;
    if (ofClient === 0) bytesOf.delete(body.client);
    else bytesOf.set(body.client, ofClient);
  };
  const remove = (body: ArrivingBody): void => {
    if (bodies.delete(body)) count(body, -body.bytes);
  };
  /** Which body has to give way before these bytes fit; `undefined` when they fit. */
  const inTheWay = (body: ArrivingBody, more: number, room: number): ArrivingBody | undefined => {
    const { client } = body;
    const ofClient = client === undefined ? 0 : (bytesOf.get(client) ?? 0);
    if (ofClient > body.bytes && ofClient + more > bytesPerClient)
      return bodies.values().find((one) => one.client === client);
    return total + more > room ? bodies.values().next().value : undefined;
  };
  return {
    add(body, more, room) {
      if (body.bytes + more > room) return false;
      for (;;) {
        const oldest = inTheWay(body, more, room);
        if (oldest === undefined) break;
        if (oldest === body) return false;
        remove(oldest);
        oldest.onGiveWay();
      }
      bodies.add(body);
      count(body, more);
      return true;
    },
    remove,
  };
}
