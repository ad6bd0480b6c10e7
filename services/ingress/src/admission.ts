import { clientShare } from "@takings/runtime";
import { type ArrivingBody, createArrivingBodies } from "./arriving-bodies.ts";

/**
 * Limits the bodies in memory, and how far the process may fall behind. A complete body keeps its memory until it is
 * released. One that is still arriving gives way when others need the memory, so that clients that send a part of a body
 * and stop cannot keep out those that send all of it.
 */
export type Admission = {
  /** Whether a body of this size could be accepted now. This reserves nothing; `take` does, as the bytes arrive. */
  admits(bytes: number): boolean;
  /** Opens an empty reservation for a request of this client; `undefined` when it cannot be told from other clients. */
  open(client: string | undefined): Reservation;
};

/** The memory reserved for one request. It is empty until bytes arrive, so that clients that send no body block no others. */
export type Reservation = {
  /** Sets what is called, at most once, when the body has to give way: nothing is reserved for it any more. */
  onGiveWay(listener: () => void): void;
  /** Reserves memory for bytes that have arrived; `false` when there is none. */
  take(bytes: number): boolean;
  /** The body is complete. Reserves a place among those in processing; `false` when there is none. */
  begin(): boolean;
  /** Releases all of it. Call it once, when the body is no longer referenced. */
  release(): void;
};

/** How many bodies may be in processing, and how many bytes in memory. */
export type AdmissionLimits = { readonly requests: number; readonly bytes: number };

/**
 * Creates the admission control of a process.
 * @param isBehind whether the process is already late with the work that it has accepted.
 */
export function createAdmission(limits: AdmissionLimits, isBehind: () => boolean = () => false): Admission {
  let requests = 0;
  let completeBytes = 0;
  const arriving = createArrivingBodies(limits.bytes * clientShare);
  return {
    admits: (wanted) => requests < limits.requests && completeBytes + wanted <= limits.bytes && !isBehind(),
    open(client) {
      const body: ArrivingBody = { client, bytes: 0, onGiveWay: () => {} };
      let completed: number | undefined;
      return {
        onGiveWay(listener) {
          body.onGiveWay = listener;
        },
        take: (bytes) => arriving.add(body, bytes, limits.bytes - completeBytes),
        begin() {
          if (requests >= limits.requests) return false;
          requests += 1;
          completed = body.bytes;
          completeBytes += completed;
          arriving.remove(body);
          return true;
        },
        release() {
          arriving.remove(body);
          if (completed === undefined) return;
          requests -= 1;
          completeBytes -= completed;
        },
      };
    },
  };
}
