/** Bounds what is held in memory at one time, and how late it may get. Beyond it a request is refused at once. */
export type Admission = {
  /** Whether there is room for a body of so many bytes now. Nothing is kept free for it: that comes with its bytes. */
  admits(bytes: number): boolean;
  enter(): Room;
};

/** What one request holds. Idle ones hold nothing, so that clients who send no body keep nobody out. */
export type Room = {
  /** Takes room for bytes that have arrived; `false` when there is none. */
  take(bytes: number): boolean;
  /** Takes a place among the bodies that are worked on; `false` when there is none. */
  begin(): boolean;
  /** Gives back all of it. Call it once, when nobody holds the body any more. */
  leave(): void;
};

/** How many bodies may be worked on, and how many bytes be held. */
export type AdmissionLimits = { readonly requests: number; readonly bytes: number };

/** @param isBehind whether the process is too late with what it has already. */
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
