import { createHash } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { TokenCheck } from "./tokens.ts";

/** The bearer token of a request (RFC 6750), if it has one. */
export function tokenOf(request: Request): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? "")?.[1];
}

/**
 * Notes on whose account a request goes: an accepted token's, known by a digest, or else an address's. Only accepted
 * tokens have accounts of their own, as anybody could invent others without end.
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

/** Who asks, as {@link identifyCaller} noted. */
export function callerOf(response: Response): string {
  return String(response.locals["caller"]);
}
