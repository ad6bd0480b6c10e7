import { createHash } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { TokenCheck } from "./tokens.ts";

/** The bearer token of a request (RFC 6750), if it has one. */
export function tokenOf(request: Request): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? "")?.[1];
}

/**
 * Identifies the caller that limits apply to: an accepted token by its digest, anyone else by address. Tokens that are
 * not accepted do not count as callers, because anyone could invent any number of them.
 */
export function identifyCaller(isAccepted: TokenCheck | undefined): RequestHandler {
  return (request, response, next) => {
    const token = tokenOf(request);
    response.locals["caller"] =
      token !== undefined && isAccepted?.(token) === true
        ? `token ${createHash("sha256").update(token).digest("base64url")}`
        : `address ${request.socket.remoteAddress ?? "gone"}`;
    next();
  };
}

/** The caller of a request, as {@link identifyCaller} stored it. */
export function callerOf(response: Response): string {
  return String(response.locals["caller"]);
}
