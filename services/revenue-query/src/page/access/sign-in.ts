import express, { type ErrorRequestHandler, type RequestHandler, type Router } from "express";
import { z } from "zod";
import type { Tokens } from "../../http/tokens.ts";
import { problemView } from "../views/problem.ts";
import type { LoginTokens } from "./login-token.ts";
import { nextPath } from "./next-path.ts";
import { isFromOwnOrigin } from "./own-origin.ts";
import { sendPage } from "./send-page.ts";
import type { SessionCookie } from "./session-cookie.ts";
import type { Sessions } from "./sessions.ts";
import { signInView } from "./sign-in-view.ts";
import type { WrongTokens } from "./wrong-tokens.ts";

/** What signing in and out depends on. */
export type SignInDependencies = {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  readonly loginTokens: LoginTokens;
  /** Where people open the page, if that is known. */
  readonly publicUrl: string | undefined;
  readonly wrongTokens: WrongTokens;
};

const loginForm = z.object({ csrf: z.string(), next: z.string().default("/"), token: z.string() });
const logoutForm = z.object({ csrf: z.string() });

/** Serves `POST /login` and `POST /logout`. */
export function serveSignIn(
  router: Router,
  deps: SignInDependencies,
  before: readonly RequestHandler[],
): void {
  // The address of the view that one came from is among the fields, and as long as a URL can be.
  const parse = express.urlencoded({ extended: false, limit: "32kb", parameterLimit: 10 });
  const form = [...before, refuseForeign(deps), parse];
  for (const path of ["/login", "/logout"]) router.all(path, nameRoute(path));
  router.route("/login").post(...form, requireLoginToken(deps), deps.wrongTokens.refuse, logIn(deps));
  router.route("/logout").post(...form, logOut(deps));
  router
    .route(["/login", "/logout"])
    .get(...before, (_, response) => response.redirect(303, "/"))
    .all(...before, async (_, response) => {
      response.set("allow", "GET, HEAD, POST");
      await sendPage(response, problemView(405, "This path supports only GET, HEAD and POST."));
    });
  router.use(["/login", "/logout"], refuseUnreadable);
}

/** The form to sign in, as a response to a request that needs it. */
export function askToSignIn({ loginTokens }: Pick<SignInDependencies, "loginTokens">): RequestHandler {
  return async (request, response) => {
    const isView = request.method === "GET" || request.method === "HEAD";
    const next = isView ? request.originalUrl : "/";
    response.set("www-authenticate", "Bearer");
    const isFromElsewhere = request.headers["sec-fetch-site"] === "cross-site";
    const fields = { csrf: loginTokens.issue(), next, isFromElsewhere };
    await sendPage(response, signInView(fields, 401));
  };
}

/** Names the route of a request in the metrics. */
function nameRoute(path: string): RequestHandler {
  return (_, response, next) => {
    response.locals["route"] = path;
    next();
  };
}

function refuseForeign({ publicUrl }: SignInDependencies): RequestHandler {
  return async (request, response, next) => {
    if (isFromOwnOrigin(request, publicUrl)) {
      next();
      return;
    }
    const detail =
      "This form was sent from another page than this one, by what the browser says. If it was this one, a proxy changes the " +
      "name of the host: PUBLIC_URL must be set to the address of the page.";
    await sendPage(response, problemView(403, detail));
  };
}

function requireLoginToken({ loginTokens }: SignInDependencies): RequestHandler {
  return async (request, response, next) => {
    const form = loginForm.safeParse(request.body);
    if (form.success && loginTokens.isValid(form.data.csrf)) {
      next();
      return;
    }
    const fields = {
      csrf: loginTokens.issue(),
      next: nextPath(form.data?.next ?? "/"),
      error: "This form had expired. Sign in again.",
    };
    await sendPage(response, signInView(fields, 403));
  };
}

function logIn({ tokens, sessions, cookie, loginTokens, wrongTokens }: SignInDependencies): RequestHandler {
  return async (request, response) => {
    const form = loginForm.parse(request.body);
    const next = nextPath(form.next);
    const token = tokens.find(form.token.trim());
    if (token === undefined) {
      wrongTokens.count(request);
      const error = "This token is not accepted.";
      response.set("www-authenticate", "Bearer");
      await sendPage(response, signInView({ csrf: loginTokens.issue(), next, error }, 401));
      return;
    }
    cookie.set(response, sessions.start(token));
    response.redirect(303, next);
  };
}

function logOut({ sessions, cookie }: SignInDependencies): RequestHandler {
  return async (request, response) => {
    const form = logoutForm.safeParse(request.body);
    const session = cookie.read(request);
    if (!form.success || (session !== undefined && !sessions.isLogoutToken(form.data.csrf, session))) {
      const detail =
        "You are still signed in: this form belongs to another session. Log out on the page itself.";
      await sendPage(response, problemView(403, detail));
      return;
    }
    if (session !== undefined) sessions.end(session);
    cookie.clear(response);
    response.redirect(303, "/");
  };
}

/** A body that is no form: too long, cut off, or in an encoding that is none. */
const refuseUnreadable: ErrorRequestHandler = async (error: unknown, _, response, next) => {
  const parsed = z.object({ status: z.int().min(400).max(499) }).safeParse(error);
  if (!parsed.success) {
    next(error);
    return;
  }
  await sendPage(response, problemView(parsed.data.status, "This form cannot be read."));
};
