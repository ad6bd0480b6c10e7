const anyOrigin = "http://takings.invalid";

/** Where one was before signing in, if that is a path of this origin; else the overview. */
export function nextPath(text: string): string {
  const url = URL.parse(text, anyOrigin);
  if (url === null || !text.startsWith("/") || url.origin !== anyOrigin) return "/";
  const path = url.pathname + url.search;
  // A path can begin with two slashes only after it was resolved: "/.//example.com".
  const isElsewhere = /^\/[/\\]/.test(path);
  return isElsewhere || url.pathname === "/login" || url.pathname === "/logout" ? "/" : path;
}
