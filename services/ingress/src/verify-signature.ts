import { Stripe } from "stripe";
import type { SigningSecret } from "./signing-secrets.ts";

/** The result of verifying a signature. */
export type Verdict =
  | {
      readonly valid: true;
      readonly by: SigningSecret;
      /** How far the signature's time is from this process's clock, in either direction. */
      readonly skewSeconds: number;
    }
  | { readonly valid: false; readonly reason: "missing" | "malformed" | "mismatch" }
  | {
      readonly valid: false;
      readonly reason: "timestamp";
      /** The same where a secret did sign: then a clock is wrong, or somebody replays an old request. */
      readonly skewSeconds: number | undefined;
    };

const { signature: verifier } = Stripe.webhooks;

/** How far a signature's time may be from ours, in either direction. https://docs.stripe.com/webhooks/signature */
const toleranceSeconds = 300;
/** Enough for a dozen signatures; a longer header is not a rotation but an attempt to keep the process busy. */
const maxHeaderLength = 2_048;

/**
 * Verifies that one of the secrets signed exactly these bytes, within the tolerance. The caller must have refused bodies
 * that are not UTF-8 or begin with a byte order mark: stripe's verifier decodes the body before it computes the HMAC, and
 * other bytes decode to the same text as such a body.
 */
export function verifySignature(
  body: Buffer,
  header: string | undefined,
  secrets: readonly SigningSecret[],
  nowMs: number,
): Verdict {
  if (header === undefined || header === "") return { valid: false, reason: "missing" };
  const signedAt = timeIn(header);
  if (signedAt === undefined || header.length > maxHeaderLength) return { valid: false, reason: "malformed" };
  // stripe's verifier refuses only old signatures; one with a time in the future could be replayed later.
  const skewSeconds = Math.abs(nowMs / 1_000 - signedAt);
  const isRecent = skewSeconds <= toleranceSeconds;
  // Of the others it is of interest who signed them, so the verifier is told the time at which they were signed.
  const verifiedAtMs = isRecent ? nowMs : signedAt * 1_000;
  const by = secrets.find(({ secret }) => signs(secret, body, header, verifiedAtMs));
  if (!isRecent)
    return { valid: false, reason: "timestamp", skewSeconds: by === undefined ? undefined : skewSeconds };
  return by === undefined ? { valid: false, reason: "mismatch" } : { valid: true, by, skewSeconds };
}

/** The time in the header; `undefined` unless there is exactly one, because otherwise it is unclear which was signed. */
function timeIn(header: string): number | undefined {
  const times = header.split(",").filter((item) => item.startsWith("t="));
  const [, seconds] = /^t=(\d{1,12})$/.exec(times[0] ?? "") ?? [];
  return times.length === 1 && seconds !== undefined ? Number(seconds) : undefined;
}

function signs(secret: string, body: Buffer, header: string, nowMs: number): boolean {
  if (verifier === null) throw new Error("this version of the stripe package has no signature verifier");
  try {
    return verifier.verifyHeader(body, header, secret, toleranceSeconds, undefined, nowMs);
  } catch {
    // The error contains the payload and the header, which must not be logged.
    return false;
  }
}
