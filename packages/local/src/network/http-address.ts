const webhookPath = "/webhooks/stripe";

/** Where webhooks are received, given as that or as ingress's address alone; undefined when it is no HTTP address. */
export function webhookUrl(text: string): string | undefined {
  const url = httpUrl(text);
  if (url === undefined) return undefined;
  if (url.pathname === "/") url.pathname = webhookPath;
  return url.href.replace(/\/$/, "");
}

/** The address of revenue-query without a path, however it is given; undefined when it is no HTTP address. */
export function revenueUrl(text: string): string | undefined {
  const url = httpUrl(text);
  return url && `${url.origin}${url.pathname.replace(/\/(?:v1(?:\/revenue)?\/?)?$/, "")}`;
}

function httpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}
