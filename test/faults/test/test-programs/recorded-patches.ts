import type * as real from "../../broken/patch-modules.ts";

/** What a broken build changes: a passage of the module whose path ends with `file`, or a whole package. */
export type RecordedPatch =
  | { readonly file: string; readonly original: string }
  | { readonly replacedBy: string };

/** What was called since this was last emptied. */
export const recorded: RecordedPatch[] = [];

export const replacePackage: typeof real.replacePackage = (_, url) => {
  recorded.push({ replacedBy: url.href });
};

export const patchModule: typeof real.patchModule = (file, original) => {
  recorded.push({ file, original });
};
