import type { AddressList } from "@takings/runtime";
import type { RequestHandler, Response, Router } from "express";
import { tokenOf } from "../../http/identify-caller.ts";
import { limitPerMinute } from "../../http/rate-limit.ts";
import type { Tokens } from "../../http/tokens.ts";
import { problemView } from "../views/problem.ts";
import type { Access } from "./access.ts";
import { createLoginTokens } from "./login-token.ts";
import { sendPage } from "./send-page.ts";
import { createSessionCookie } from "./session-cookie.ts";
import { createSessions } from "./sessions.ts";
import { askToSignIn, serveSignIn } from "./sign-in.ts";
import { identifyVisitor, visitorOf } from "./visitor.ts";
import { createWrongTokens, type WrongTokens } from "./wrong-tokens.ts";

/** Who may see the page, and how often. */
export type PageAccessDependencies = {
  /** `undefined` allows anonymous access. */
  readonly tokens: Tokens | undefined;
  /** Where people open the page, if that is known: over `https`, cookies are `Secure`. */
  readonly publicUrl: string | undefined;
  /** The header in which an authenticating proxy names the user, who is then signed in. */
  readonly userHeader: string | undefined;
  /** The proxies in front; `undefined`: not known. */
  readonly proxies: AddressList | undefined;
  /** Pages that one caller may open per minute; 0 is unlimited. */
  readonly requestsPerMinute: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** The access to the page. */
export type PageAccess = {
  /** Let a request for a view pass, or answer it. */
  readonly gate: readonly RequestHandler[];
  /** Serves what signing in and out needs. */
  readonly serve: (router: Router, before: readonly RequestHandler[]) => void;
  /** Whom a request that passed is for. */
  readonly accessOf: (response: Response) => Access;
};

const wrongTokensPerMinute = 10;

/** Creates the access to the page: by session, bearer token or proxy, unless anyone may see it. */
export function createPageAccess(deps: PageAccessDependencies): PageAccess {
  const { tokens, publicUrl, requestsPerMinute, now } = deps;
  const sessions = createSessions(tokens ?? { withId: () => undefined }, now);
  const cookie = createSessionCookie(sessions, publicUrl?.startsWith("https:") === true);
  const identify = identifyVisitor({ ...deps, sessions, cookie });
  const limited = requestsPerMinute > 0 ? [identify, limitPages(requestsPerMinute)] : [identify];
  if (tokens === undefined) return { gate: limited, serve: () => {}, accessOf };
  const loginTokens = createLoginTokens(tokens, now);
  const wrongTokens = createWrongTokens(wrongTokensPerMinute);
  return {
    gate: [...limited, ...requireVisitor(wrongTokens, askToSignIn({ loginTokens }))],
    serve(router, before) {
      const signIn = { tokens, sessions, cookie, loginTokens, publicUrl, wrongTokens };
      serveSignIn(router, signIn, [...before, ...limited]);
    },
    accessOf,
  };
}

/** Lets only those pass whom the page knows, and counts what they were not known by. */
function requireVisitor(wrongTokens: WrongTokens, ask: RequestHandler): RequestHandler[] {
  return [
    (request, response, next) => {
      const { user, logoutToken } = visitorOf(response) ?? {};
      // Proxies add tokens of their own: who is known by name or session is not known by a token.
      const isByToken = user === undefined && logoutToken === undefined && tokenOf(request) !== undefined;
      return isByToken ? wrongTokens.refuse(request, response, next) : next();
    },
    (request, response, next) => {
      if (visitorOf(response) !== undefined) {
        next();
        return;
      }
      if (tokenOf(request) !== undefined) wrongTokens.count(request);
      return ask(request, response, next);
    },
  ];
}

function accessOf(response: Response): Access {
  const access = visitorOf(response);
  if (access === undefined) throw new Error("a view is shown to someone who is not signed in");
  return access;
}

function limitPages(perMinute: number): RequestHandler {
  return limitPerMinute({
    limit: perMinute,
    refuse: async (_, response) => {
      const detail = `Too many pages were opened (limit ${perMinute} per minute). Wait a minute.`;
      await sendPage(response, problemView(429, detail));
    },
  });
}
