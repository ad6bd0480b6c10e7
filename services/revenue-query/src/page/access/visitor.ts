import { type AddressList, unlimitedScope } from "@takings/runtime";
import type { Request, RequestHandler, Response } from "express";
import { callerByAddress, callerWithToken, tokenOf } from "../../http/identify-caller.ts";
import type { Tokens } from "../../http/tokens.ts";
import type { Access } from "./access.ts";
import type { SessionCookie } from "./session-cookie.ts";
import type { Session, Sessions } from "./sessions.ts";

/** How people are known. */
export type VisitorDependencies = {
  /** `undefined` allows anonymous access. */
  readonly tokens: Tokens | undefined;
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  /** The header in which an authenticating proxy names the user. */
  readonly userHeader: string | undefined;
  /** The proxies whose header is believed; `undefined`: anybody's is. */
  readonly proxies: AddressList | undefined;
};

/** Finds out who a page is for: by a bearer token, by the name that a proxy sent, or by a session, in this order. */
export function identifyVisitor(deps: VisitorDependencies): RequestHandler {
  return (request, response, next) => {
    const access =
      accessByToken(request, deps) ??
      accessByProxy(request, deps) ??
      accessBySession(request, response, deps);
    const anonymous =
      deps.tokens === undefined ? { caller: callerByAddress(request), scope: unlimitedScope } : undefined;
    response.locals["access"] = access ?? anonymous;
    response.locals["caller"] = access?.caller ?? callerByAddress(request);
    next();
  };
}

/** Who a page is for, as {@link identifyVisitor} stored it; `undefined` for someone who may see none. */
export function visitorOf(response: Response): Access | undefined {
  return response.locals["access"] as Access | undefined;
}

function accessByToken(request: Request, { tokens }: VisitorDependencies): Access | undefined {
  const text = tokenOf(request);
  const token = text === undefined ? undefined : tokens?.find(text);
  return token && { caller: callerWithToken(token), scope: token.scope };
}

function accessByProxy(request: Request, { userHeader, proxies }: VisitorDependencies): Access | undefined {
  const names = userHeader === undefined ? undefined : request.headersDistinct[userHeader.toLowerCase()];
  // Twice, it is the proxy's and the client's, and nobody knows which is which.
  const user = names?.length === 1 ? names[0]?.trim() : undefined;
  if (user === undefined || user === "") return undefined;
  if (proxies?.has(request.socket.remoteAddress) === false) return undefined;
  const name = nameOf(user);
  return { caller: `user ${name}`, scope: unlimitedScope, user: name };
}

/** A name in UTF-8, as proxies send it; Node reads the bytes of a header as Latin-1. */
function nameOf(header: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(header, "latin1"));
  } catch {
    return header;
  }
}

function accessBySession(
  request: Request,
  response: Response,
  { sessions, cookie }: VisitorDependencies,
): Access | undefined {
  const session = cookie.read(request);
  if (session === undefined) return undefined;
  if (isByPerson(request)) renew(session, response, { sessions, cookie });
  const { token } = session;
  const logoutToken = sessions.logoutToken(session);
  return { caller: callerWithToken(token), scope: token.scope, logoutToken };
}

/**
 * Whether a person opened a view, as far as the browser says: no script that refreshes what nobody may look at, and no form,
 * which may be from elsewhere and refused.
 */
function isByPerson({ headers, method }: Request): boolean {
  return (method === "GET" || method === "HEAD") && headers["sec-fetch-dest"] !== "empty";
}

function renew(
  session: Session,
  response: Response,
  { sessions, cookie }: Pick<VisitorDependencies, "sessions" | "cookie">,
): void {
  const renewed = sessions.renew(session);
  if (renewed !== undefined) cookie.set(response, renewed);
}
