/** Limits what is in memory at one time, and how late the process may be. Above the limits requests are refused at once. */
export type Admission = {
  /** Whether a body of this size could be accepted now. This reserves nothing; `take` does, as the bytes arrive. */
  admits(bytes: number): boolean;
  enter(): Room;
};

/** The share of one request. It is empty until bytes arrive, so that clients that send no body keep no others out. */
export type Room = {
  /** Reserves memory for bytes that have arrived; `false` when there is none. */
  take(bytes: number): boolean;
  /** Reserves a place among the bodies in processing; `false` when there is none. */
  begin(): boolean;
  /** Releases all of it. Call it once, when the body is no longer referenced. */
  leave(): void;
};

/** How many bodies may be in processing, and how many bytes in memory. */
export type AdmissionLimits = { readonly requests: number; readonly bytes: number };

/** @param isBehind whether the process is too late with the work that it has already. */
export function createAdmission(limits: AdmissionLimits, isBehind: () => boolean = () => false): Admission {
  let requests = 0;
  let bytes = 0;
  const fits = (more: number): boolean => bytes + more <= limits.bytes;
  return {
    admits: (wanted) => requests < limits.requests && fits(wanted) && !isBehind(),
    enter() {
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
        leave() {
          bytes -= taken;
          if (hasBegun) requests -= 1;
        },
      };
    },
  };
}
