/** What went wrong, and what to type; and what to type where there is nothing yet. */

import type { ApiError } from '../lib/api.ts';
import { html, type Child, type View } from '../lib/html.ts';

export function Failed({ error }: { readonly error: ApiError | undefined }): View {
  if (error === undefined) return null;
  return html`<div class="note bad" role="alert">
    <p>${error.message}</p>
    ${error.hint === '' ? null : html`<p class="soft">${error.hint}</p>`}
  </div>`;
}

export function Empty({ title, type, children }: { readonly title: string; readonly type?: string; readonly children?: Child }): View {
  return html`<div class="empty-state">
    <p>${title}</p>
    ${type === undefined ? null : html`<pre><code>${type}</code></pre>`} ${children}
  </div>`;
}

export function Waiting({ what }: { readonly what: string }): View {
  return html`<p class="soft waiting" role="status">${what}…</p>`;
}
