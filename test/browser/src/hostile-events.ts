import type { EventRecord } from "@takings/domain";
import { eventWithCharge, eventWithEntry } from "@takings/testkit";

/** The connected account whose ids and bodies try to be markup. */
export const hostileAccount = "acct_1Hostile";

/** Each makes a dialog, an element `hostile`, or a style where it is not shown as text. */
export const hostileTexts = [
  `"><script>alert(1)</script>`,
  `'><img src=x onerror=alert(2)>`,
  `</pre><hostile>`,
  `</script><svg onload=alert(3)>`,
  `" autofocus onfocus="alert(4)`,
  `javascript:alert(5)`,
  `{{7*7}}\${7*7}&lt;hostile&gt;&amp;`,
  `\u202Egpj.exe\u0000`,
] as const;

/** What an id can contain: a database stores no NUL in a text. */
const storable = hostileTexts.map((text) => text.replaceAll("\u0000", ""));

/** The events whose ids and bodies are hostile, in the order of the texts. */
export const hostileEventIds: readonly string[] = storable.map((text, n) => `evt_${n}${text}`);

/** Events with such ids, metadata and reasons. */
export function hostileEvents(): EventRecord[] {
  const account = hostileAccount;
  const at = "2026-10-20T12:00:00Z";
  return storable.flatMap((text, n) => {
    const hostile = hostileTexts[n] ?? "";
    const payload = JSON.stringify({ metadata: { [hostile]: hostile } }, null, 2);
    const named = { objectId: `pi_${n}${text}`, eventId: hostileEventIds[n] ?? "" };
    const payment = eventWithEntry({ ...named, at, account, payload });
    const charge = eventWithCharge({ id: `${n}_gap${text}`, at: new Date(at), account });
    const quarantined = eventWithEntry({ eventId: `evt_q${n}${text}`, at, account, payload });
    return [
      payment,
      charge,
      { ...quarantined, status: "quarantined", reason: text, facts: undefined } as const,
    ];
  });
}
