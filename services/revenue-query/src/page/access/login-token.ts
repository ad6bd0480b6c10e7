import { randomBytes } from "node:crypto";
import type { Tokens } from "../../http/tokens.ts";
import { isSignature, sign } from "./signature.ts";

/** The hidden token of the form to sign in: that the form is one of ours, and not old. */
export type LoginTokens = {
  readonly issue: () => string;
  readonly isValid: (text: string) => boolean;
};

const maxAgeSeconds = 12 * 3_600;
/** The clocks of two replicas may differ. */
const toleratedSeconds = 60;

/** Creates the hidden tokens. Nothing is stored, so that each replica knows those of the others. */
export function createLoginTokens(tokens: Pick<Tokens, "sharedKey">, now: () => number): LoginTokens {
  const seconds = (): number => Math.floor(now() / 1_000);
  return {
    issue() {
      const content = `${seconds()}.${randomBytes(12).toString("base64url")}`;
      return `${content}.${sign(tokens.sharedKey(), "login", content)}`;
    },
    isValid(text) {
      const [, content = "", issuedAt, signature = ""] =
        /^((\d{1,11})\.[\w-]{16})\.([\w-]{43})$/.exec(text) ?? [];
      if (!isSignature(signature, tokens.sharedKey(), "login", content)) return false;
      const age = seconds() - Number(issuedAt);
      return age >= -toleratedSeconds && age <= maxAgeSeconds;
    },
  };
}
