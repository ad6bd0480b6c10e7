import { html } from "../html.ts";
import type { ShownResult } from "../view.ts";

/** What the form to sign in shows. */
type SignInForm = {
  readonly csrf: string;
  /** Where one was, and will be again. */
  readonly next: string;
  readonly error?: string;
};

/** The form to sign in. */
export function signInView({ csrf, next, error }: SignInForm, status: number): ShownResult {
  return {
    title: "Sign in",
    status,
    main: html`<h1>Sign in</h1>
<form class="sign-in" method="post" action="/login">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="next" value="${next}">
<label for="token">API token</label>
${
  error === undefined
    ? html`<input type="password" id="token" name="token" required autocomplete="current-password" autofocus>`
    : html`<input type="password" id="token" name="token" required autocomplete="current-password" autofocus aria-invalid="true" aria-describedby="token-error">
<p class="error" id="token-error">${error}</p>`
}
<button>Sign in</button>
</form>`,
  };
}
