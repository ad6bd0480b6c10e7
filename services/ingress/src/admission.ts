/** Bounds what is held in memory at one time. Beyond it a request is refused at once instead of queueing. */
export type Admission = {
  /** Takes room for a body, or `undefined` when there is none. Call the result once, when the answer is out. */
  enter(bytes: number): (() => void) | undefined;
};

export type AdmissionLimits = { readonly requests: number; readonly bytes: number };

export function createAdmission(limits: AdmissionLimits): Admission {
  let requests = 0;
  let bytes = 0;
  return {
    enter(wanted) {
      if (requests >= limits.requests || bytes + wanted > limits.bytes) return undefined;
      requests += 1;
      bytes += wanted;
      return () => {
        requests -= 1;
        bytes -= wanted;
      };
    },
  };
}
