import { html } from "../html.ts";
import type { ShownResult } from "../view.ts";

/** What the form to sign in shows. */
type SignInForm = {
  readonly csrf: string;
  /** Where one was, and will be again. */
  readonly next: string;
  readonly error?: string;
  /** Whether one came by a link on another site, which a browser sends no session with. */
  readonly isFromElsewhere?: boolean;
};

/** The form to sign in. */
export function signInView(
  { csrf, next, error, isFromElsewhere = false }: SignInForm,
  status: number,
): ShownResult {
  return {
    title: "Sign in",
    status,
    main: html`<h1>Sign in</h1>
${
  isFromElsewhere &&
  html`<p class="notice">A link on another site led here, so the browser did not say whether you are signed in. If you are, <a href="${next}">open the page again</a>.</p>`
}
<form class="sign-in" method="post" action="/login">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="next" value="${next}">
<label for="token">API token</label>
<p class="hint" id="token-hint">Whoever runs this installation has it, in <code>API_TOKENS</code>.</p>
${
  error === undefined
    ? html`<input type="password" id="token" name="token" required autocomplete="current-password" autofocus aria-describedby="token-hint">`
    : html`<input type="password" id="token" name="token" required autocomplete="current-password" autofocus aria-invalid="true" aria-describedby="token-error token-hint">
<p class="error" id="token-error">${error}</p>`
}
<button>Sign in</button>
</form>`,
  };
}
