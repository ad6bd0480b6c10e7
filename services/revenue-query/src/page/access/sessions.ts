import { randomBytes } from "node:crypto";
import type { AcceptedToken, Tokens } from "../../http/tokens.ts";
import { isSignature, sign } from "./signature.ts";

/** That someone typed an accepted token. Times are in seconds since 1970. */
export type Session = {
  readonly id: string;
  readonly token: AcceptedToken;
  readonly startedAt: number;
  readonly endsAt: number;
};

/**
 * The sessions of people. Nothing is stored: the text of a session is signed with a key of its token, so that every replica
 * can read it, and none once the token is gone.
 */
export type Sessions = {
  readonly start: (token: AcceptedToken) => Session;
  /** The text of a session. */
  readonly write: (session: Session) => string;
  /** The session of a text; `undefined` when it is none, has ended, or its token is not accepted any more. */
  readonly read: (text: string) => Session | undefined;
  /** The session with a later end; `undefined` while that would be hardly later. */
  readonly renew: (session: Session) => Session | undefined;
  /** Ends a session before its time, in this process. */
  readonly end: (session: Session) => void;
  /** The seconds that a session still lasts. */
  readonly secondsLeft: (session: Session) => number;
  /** The hidden token of a form that ends this session. */
  readonly logoutToken: (session: Session) => string;
  readonly isLogoutToken: (text: string, session: Session) => boolean;
};

const idleSeconds = 3_600;
const maxSeconds = 12 * 3_600;
/** So that not every view of a person sets a cookie. */
const renewAfterSeconds = 300;

const form = /^([\w-]{22})\.([\w-]{22})\.(\d{1,11})\.(\d{1,11})\.([\w-]{43})$/;

/** Creates the sessions of these tokens. @param now milliseconds since 1970 */
export function createSessions(tokens: Pick<Tokens, "withId">, now: () => number): Sessions {
  /** When the sessions that were ended would end at the latest, by id. */
  const ended = new Map<string, number>();
  const seconds = (): number => Math.floor(now() / 1_000);
  const contentOf = ({ id, token, startedAt, endsAt }: Session): string =>
    [token.id, id, startedAt, endsAt].join(".");
  return {
    start(token) {
      const startedAt = seconds();
      return { id: randomBytes(16).toString("base64url"), token, startedAt, endsAt: startedAt + idleSeconds };
    },
    write(session) {
      const content = contentOf(session);
      return `${content}.${sign(session.token.key, "session", content)}`;
    },
    read(text) {
      const [, tokenId = "", id = "", startedAt, endsAt, signature = ""] = form.exec(text) ?? [];
      const token = tokens.withId(tokenId);
      if (token === undefined) return undefined;
      const session = { id, token, startedAt: Number(startedAt), endsAt: Number(endsAt) };
      if (!isSignature(signature, token.key, "session", contentOf(session))) return undefined;
      return session.endsAt > seconds() && !ended.has(id) ? session : undefined;
    },
    renew(session) {
      const endsAt = Math.min(seconds() + idleSeconds, session.startedAt + maxSeconds);
      return endsAt - session.endsAt < renewAfterSeconds ? undefined : { ...session, endsAt };
    },
    end({ id, startedAt }) {
      for (const [other, until] of ended) if (until <= seconds()) ended.delete(other);
      ended.set(id, startedAt + maxSeconds);
    },
    secondsLeft: ({ endsAt }) => endsAt - seconds(),
    logoutToken: ({ id, token }) => sign(token.key, "logout", id),
    isLogoutToken: (text, { id, token }) => isSignature(text, token.key, "logout", id),
  };
}
