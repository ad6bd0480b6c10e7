const dayMs = 86_400_000;

/** What a person needs to open the page, as lines. `signsIn`: it asks for a token. */
export function pageInvitation(url: string, signsIn: boolean): string {
  const how = signsIn ? "\nSign in with a token of API_TOKENS or API_TOKENS_FILE." : "";
  return `Open the page in a browser: ${url}${how}`;
}

/** The page with the traffic of a demo, which is of the 24 hours before and in test mode. */
export function demoPage(revenueUrl: string, now: Date): string {
  // Not its default range, the current month: on the first of a month the traffic is of the month before.
  const day = (offset: number): string => new Date(now.getTime() + offset * dayMs).toISOString().slice(0, 10);
  return `${revenueUrl}/?livemode=false&from=${day(-1)}&to=${day(1)}`;
}
