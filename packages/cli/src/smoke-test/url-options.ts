import { defaultSource } from "@takings/domain";
import { InvalidArgumentError } from "commander";

const webhookPath = "/webhooks/stripe";

/** Parser of an option that is the URL of ingress, with or without its path. @throws InvalidArgumentError */
export function webhookUrlOption(text: string): string {
  const url = httpUrl(text);
  if (url.pathname === "/") url.pathname = webhookPath;
  return url.href;
}

/** The URL to which the webhooks of a source are sent, for that of the default source or of the source itself. */
export function webhookUrlOf(ingress: string, source: string): string {
  const isDefault = source === defaultSource || !ingress.endsWith(webhookPath);
  return isDefault ? ingress : `${ingress}/${source}`;
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
