import { createHmac, timingSafeEqual } from "node:crypto";

/** What a signature is for; one for another purpose is not valid. */
type Purpose = "session" | "logout" | "login";

/** Signs a text for a purpose. */
export function sign(key: Buffer, purpose: Purpose, text: string): string {
  return createHmac("sha256", key).update(`${purpose} ${text}`).digest("base64url");
}

/** Whether a signature is that of {@link sign}; in a time that does not depend on where they differ. */
export function isSignature(signature: string, ...signed: Parameters<typeof sign>): boolean {
  const [given, right] = [Buffer.from(signature), Buffer.from(sign(...signed))];
  return given.length === right.length && timingSafeEqual(given, right);
}
