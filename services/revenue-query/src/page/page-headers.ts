import type { RequestHandler } from "express";

const contentSecurityPolicy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** What a browser may do with a view: load nothing from elsewhere, run nothing inline, and show it in no frame. */
export const pageHeaders: RequestHandler = (_, response, next) => {
  response.set({
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
  });
  next();
};
