import type { TokenScope } from "@takings/runtime";

/** Who a page is shown to, and how they are known. */
export type Access = {
  /** Whom the limits of requests apply to. */
  readonly caller: string;
  /** What may be shown. */
  readonly scope: TokenScope;
  /** The name that an authenticating proxy sent. */
  readonly user?: string;
  /** The hidden token of the logout form; only a session can be ended. */
  readonly logoutToken?: string;
};
