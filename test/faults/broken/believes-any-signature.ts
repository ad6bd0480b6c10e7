import { changePassage } from "./break.ts";

changePassage(
  "/services/ingress/src/verify-signature.ts",
  'return by === undefined ? { valid: false, reason: "mismatch" } : { valid: true, by, skewSeconds };',
  "return { valid: true, by: by ?? secrets[0]!, skewSeconds };",
);
