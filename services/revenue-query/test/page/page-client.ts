import { type HTMLElement, parse } from "node-html-parser";

/** A view as a browser without scripts sees it. */
export type ShownView = {
  readonly status: number;
  readonly headers: Headers;
  /** The HTML as it was received. */
  readonly source: string;
  readonly document: HTMLElement;
  /** The text of the first element that matches, its white space collapsed; `undefined` where none does. */
  text(selector: string): string | undefined;
  /** The texts of all elements that match. */
  texts(selector: string): string[];
  /** The links of all anchors that match. */
  links(selector: string): string[];
};

/** Opens a view of a server. Redirects are not followed. */
export async function openView(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ShownView> {
  const response = await fetch(url + path, {
    redirect: "manual",
    headers: { connection: "close", accept: "text/html", ...headers },
  });
  const source = await response.text();
  const document = parse(source);
  const all = (selector: string): HTMLElement[] => document.querySelectorAll(selector);
  const textOf = (element: HTMLElement): string => element.text.replaceAll(/\s+/g, " ").trim();
  return {
    status: response.status,
    headers: response.headers,
    source,
    document,
    text: (selector) => all(selector).map(textOf)[0],
    texts: (selector) => all(selector).map(textOf),
    links: (selector) => all(selector).map((element) => element.getAttribute("href") ?? ""),
  };
}
