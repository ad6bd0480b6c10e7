import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RequestHandler, Router } from "express";

type Asset = { readonly path: string; readonly type: string; readonly body: Buffer };

const style = asset("page.css", "text/css; charset=utf-8");
const script = asset("page.js", "text/javascript; charset=utf-8");
const icon = asset("icon.svg", "image/svg+xml");

/** Where the layout finds its files. A path contains a digest of the content, so it may be cached for ever. */
export const assetPaths = { style: style.path, script: script.path, icon: icon.path } as const;

/** Serves the files, to anyone: they are the same for all installations. */
export function serveAssets(router: Router, compress: RequestHandler): void {
  for (const { path, type, body } of [style, script, icon]) {
    router.get(path, compress, (_, response) => {
      response.locals["route"] = "/assets";
      response
        .set({
          "content-type": type,
          "cache-control": "public, max-age=31536000, immutable",
          "x-content-type-options": "nosniff",
        })
        .send(body);
    });
  }
}

function asset(name: string, type: string): Asset {
  const body = readFileSync(new URL(`assets/${name}`, import.meta.url));
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 12);
  const [stem = name, extension = ""] = name.split(".");
  return { path: `/assets/${stem}-${digest}.${extension}`, type, body };
}
