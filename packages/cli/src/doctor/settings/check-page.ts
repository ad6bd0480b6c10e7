import type { Environment } from "@takings/runtime";
import { type Check, faultsOr, notAsked } from "../check.ts";
import { isSet } from "../connections.ts";

/** Whether the settings of the page for people let in somebody whom nobody meant to let in. */
export function pageCheck(environment: Environment): Check {
  return {
    name: "settings/page",
    async run() {
      const isExposed = isSet(environment, "PUBLIC_URL");
      const isNamedByProxy = isSet(environment, "PAGE_USER_HEADER");
      if (!isExposed && !isNamedByProxy) return notAsked("neither PUBLIC_URL nor PAGE_USER_HEADER is set");
      const faults = [
        isPlain(environment["PUBLIC_URL"]) &&
          "PUBLIC_URL begins with http://, so tokens and cookies cross the network unencrypted",
        isExposed &&
          environment["ALLOW_ANONYMOUS"] === "true" &&
          !isSet(environment, "API_TOKENS") &&
          !isSet(environment, "API_TOKENS_FILE") &&
          "ALLOW_ANONYMOUS is true, so whoever opens PUBLIC_URL sees the revenue",
        isNamedByProxy &&
          !isSet(environment, "TRUST_PROXY") &&
          "PAGE_USER_HEADER is set and TRUST_PROXY is not, so whoever sends the header is signed in",
      ];
      return faultsOr(
        faults.filter((fault) => fault !== false),
        "docs/page.md#signing-in",
        "people reach the page over TLS or on this machine, and as themselves",
      );
    },
  };
}

const loopback = /^(localhost|127\.[\d.]+|\[::1\])$/;

/** Whether a URL is plain HTTP to another machine. */
function isPlain(text: string | undefined): boolean {
  const url = URL.parse(text ?? "");
  return url?.protocol === "http:" && !loopback.test(url.hostname);
}
