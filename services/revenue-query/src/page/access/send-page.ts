import type { Request, Response } from "express";
import { createFormats, localeOf } from "../format/formats.ts";
import { layout } from "../layout.ts";
import type { ShownResult } from "../view.ts";

/** Sends a page to someone who is not signed in. */
export async function sendPage(
  request: Request,
  response: Response,
  { title, main, status = 200 }: ShownResult,
): Promise<void> {
  const formats = createFormats(localeOf(request.headers["accept-language"]));
  const document = await layout({ title, main, formats, access: undefined, searched: "", isLive: false });
  response.status(status).type("html").send(String(document));
}
