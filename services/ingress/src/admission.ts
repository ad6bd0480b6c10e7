/** Bounds what is held in memory at one time, and how late it may get. Beyond it a request is refused at once. */
export type Admission = {
  /** Takes room for a body, or `undefined` when there is none. Call the result once, when the answer is out. */
  enter(bytes: number): (() => void) | undefined;
};

export type AdmissionLimits = { readonly requests: number; readonly bytes: number };

/** @param isBehind whether the process is too late with what it has already. */
export function createAdmission(limits: AdmissionLimits, isBehind: () => boolean = () => false): Admission {
  let requests = 0;
  let bytes = 0;
  return {
    enter(wanted) {
      if (requests >= limits.requests || bytes + wanted > limits.bytes || isBehind()) return undefined;
      requests += 1;
      bytes += wanted;
      return () => {
        requests -= 1;
        bytes -= wanted;
      };
    },
  };
}
