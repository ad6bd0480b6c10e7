import { parseCookie } from "cookie";
import type { CookieOptions, Request, Response } from "express";
import type { Session, Sessions } from "./sessions.ts";

/** The cookie that holds a session. */
export type SessionCookie = {
  readonly read: (request: Request) => Session | undefined;
  readonly set: (response: Response, session: Session) => void;
  readonly clear: (response: Response) => void;
};

/**
 * Creates the cookie. Over TLS it is `Secure` and its name begins with `__Host-`, so that a browser takes it from no other host
 * and over no plain connection.
 */
export function createSessionCookie(sessions: Sessions, isOverTls: boolean): SessionCookie {
  const name = isOverTls ? "__Host-takings" : "takings";
  const options: CookieOptions = { httpOnly: true, sameSite: "strict", path: "/", secure: isOverTls };
  return {
    read: (request) => sessions.read(parseCookie(request.headers.cookie ?? "")[name] ?? ""),
    set(response, session) {
      const maxAge = sessions.secondsLeft(session) * 1_000;
      response.cookie(name, sessions.write(session), { ...options, maxAge });
    },
    clear: (response) => void response.clearCookie(name, options),
  };
}
