/** A file that states the version of the project, and the versions that it states. */
export type StatedVersions = { readonly path: string; readonly versions: readonly (string | undefined)[] };

/**
 * The notes of a release: the section of the changelog for its version, without the heading.
 * @param tag such as `v1.2.3`, or `v1.2.3-rc.1` for a version that is not final.
 * @throws Error when the tag is malformed, a file states another version, or the changelog has no such section or nothing
 * in it; the message names all of these.
 */
export function releaseNotes(tag: string, changelog: string, stated: readonly StatedVersions[]): string {
  const [, version] = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(tag) ?? [];
  if (version === undefined) throw new Error(`the tag ${tag} is not a version such as v1.2.3`);
  const notes = sectionOf(changelog, version);
  const problems = [
    ...stated
      .filter(({ versions }) => versions.some((one) => one !== version))
      .map(({ path, versions }) => `${path} has the version ${versions.join(", ")} and not ${version}`),
    ...(notes === undefined
      ? [`CHANGELOG.md has no section "## ${version} - YYYY-MM-DD" with an entry`]
      : []),
  ];
  if (notes === undefined || problems.length > 0)
    throw new Error(`${tag} cannot be released: ${problems.join("; ")}`);
  return notes;
}

/** The text below `## 1.2.3 - 2026-01-31`, also with the version in brackets: https://keepachangelog.com/en/1.1.0/ */
function sectionOf(changelog: string, version: string): string | undefined {
  const [, ...sections] = changelog.split(/^## /m);
  for (const section of sections) {
    const [heading = "", ...lines] = section.split("\n");
    const [, named] = /^\[?([^\s\]]+)\]? - \d{4}-\d{2}-\d{2}$/.exec(heading.trimEnd()) ?? [];
    const text = lines.join("\n").trim();
    if (named === version && /^- /m.test(text)) return text;
  }
  return undefined;
}
