/** Limits the bodies in memory, and how far the process may fall behind. Above the limits requests are refused at once. */
export type Admission = {
  /** Whether a body of this size could be accepted now. This reserves nothing; `take` does, as the bytes arrive. */
  admits(bytes: number): boolean;
  /** Opens an empty reservation for one request. */
  open(): Reservation;
};

/** The memory reserved for one request. It is empty until bytes arrive, so that clients that send no body block no others. */
export type Reservation = {
  /** Reserves memory for bytes that have arrived; `false` when there is none. */
  take(bytes: number): boolean;
  /** Reserves a place among the bodies in processing; `false` when there is none. */
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
  let bytes = 0;
  const fits = (more: number): boolean => bytes + more <= limits.bytes;
  return {
    admits: (wanted) => requests < limits.requests && fits(wanted) && !isBehind(),
    open() {
      let taken = 0;
      let hasBegun = false;
      return {
        take(wanted) {
          if (!fits(wanted)) return false;
          bytes += wanted;
          taken += wanted;
          return true;
        },
        begin() {
          if (requests >= limits.requests) return false;
          requests += 1;
          hasBegun = true;
          return true;
        },
        release() {
          bytes -= taken;
          if (hasBegun) requests -= 1;
        },
      };
    },
  };
}
