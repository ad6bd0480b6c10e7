import { InvalidArgumentError } from "commander";

/** Parser of an option that is the URL of ingress, with or without its path. @throws InvalidArgumentError */
export function webhookUrlOption(text: string): string {
  const url = httpUrl(text);
  if (url.pathname === "/") url.pathname = "/webhooks/stripe";
  return url.href;
}

/** Parser of an option that is the base URL of revenue-query; a path below it is removed. @throws InvalidArgumentError */
export function queryUrlOption(text: string): string {
  const { origin, pathname } = httpUrl(text);
  return `${origin}${pathname.replace(/\/(?:v1(?:\/revenue)?\/?)?$/, "")}`;
}

function httpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError("It must be a URL that starts with http:// or https://.");
}
