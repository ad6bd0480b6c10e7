import { createAddressList, createClientOf, type TokenScope, unlimitedScope } from "@takings/runtime";
import type { Request, RequestHandler, Response } from "express";
import type { AcceptedToken, Tokens } from "./tokens.ts";

/** The bearer token of a request (RFC 6750), if it has one. */
export function tokenOf(request: Request): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? "")?.[1];
}

/** Whom the limits of requests with an accepted token apply to. */
export function callerWithToken({ id }: AcceptedToken): string {
  return `token ${id}`;
}

const clientOf = createClientOf(createAddressList([]));

/** Whom the limits of requests without an accepted token apply to: an address, or a network of IPv6 that one client has. */
export function callerByAddress(request: Request): string {
  return `address ${clientOf(request.ip ?? "gone")}`;
}

/**
 * Identifies the caller that limits apply to: an accepted token by its id, anyone else by address. Tokens that are
 * not accepted do not count as callers, because anyone could invent any number of them. `tokens`: `undefined` allows
 * anonymous access.
 */
export function identifyCaller(tokens: Tokens | undefined): RequestHandler {
  return (request, response, next) => {
    const text = tokenOf(request);
    const token = text === undefined ? undefined : tokens?.find(text);
    response.locals["caller"] = token === undefined ? callerByAddress(request) : callerWithToken(token);
    response.locals["scope"] = tokens === undefined ? unlimitedScope : token?.scope;
    next();
  };
}

/** The caller of a request, as {@link identifyCaller} stored it. */
export function callerOf(response: Response): string {
  return String(response.locals["caller"]);
}

/** What the caller may read, as {@link identifyCaller} stored it; `undefined` without an accepted token. */
export function scopeOf(response: Response): TokenScope | undefined {
  return response.locals["scope"] as TokenScope | undefined;
}
