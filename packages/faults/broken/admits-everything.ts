import { changePassage } from "./break.ts";

changePassage(
  "/services/ingress/src/admission.ts",
  "if (requests >= limits.requests || bytes + wanted > limits.bytes) return undefined;",
  "",
);
