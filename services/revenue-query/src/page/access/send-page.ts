import type { Response } from "express";
import { layout } from "../layout.ts";
import type { ShownResult } from "../view.ts";

/** Sends a page to someone who is not signed in. */
export async function sendPage(
  response: Response,
  { title, main, status = 200 }: ShownResult,
): Promise<void> {
  const document = await layout({ title, main, access: undefined, searched: "", isLive: false });
  response.status(status).type("html").send(String(document));
}
