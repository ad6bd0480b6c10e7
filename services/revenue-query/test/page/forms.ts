import { parse } from "node-html-parser";
import { openView } from "./page-client.ts";

/** A response to a form. Redirects are not followed. */
export type FormResponse = {
  readonly status: number;
  readonly headers: Headers;
  readonly source: string;
  /** The cookie that it sets, as a browser sends it back. */
  readonly cookie: string | undefined;
};

/** Sends fields as a form does. */
export async function sendForm(
  url: string,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<FormResponse> {
  const body = new URLSearchParams(fields);
  const all = { connection: "close", ...headers };
  const response = await fetch(url + path, { method: "POST", redirect: "manual", body, headers: all });
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
  return { status: response.status, headers: response.headers, source: await response.text(), cookie };
}

/** The hidden fields of the first form of a page that is sent to an action. */
export function hiddenFields(source: string, action: string): Record<string, string> {
  const form = parse(source).querySelector(`form[action="${action}"]`);
  const fields = form?.querySelectorAll("input[type=hidden]") ?? [];
  return Object.fromEntries(
    fields.map((field) => [field.getAttribute("name") ?? "", field.getAttribute("value") ?? ""]),
  );
}

/** Opens a path without a session and signs in with the form that is shown there. */
export async function signIn(
  url: string,
  token: string,
  { path = "/", headers = {} }: { readonly path?: string; readonly headers?: Record<string, string> } = {},
): Promise<FormResponse> {
  const page = await fetch(url + path, { headers: { connection: "close" } });
  return sendForm(url, "/login", { ...hiddenFields(await page.text(), "/login"), token }, headers);
}

/** The status of the overview with a session, or without one. */
export async function openedWith(url: string, cookie: string | undefined): Promise<number> {
  return (await openView(url, "/", cookie === undefined ? {} : { cookie })).status;
}
