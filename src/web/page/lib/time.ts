/** Times as people say them, the whole truth in the title. */

import { signal } from '@preact/signals';

import { html, type View } from './html.ts';

/** Ticks while somebody can see it. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => (now.value = Date.now()));

/** `8 s`, `3 min`, `2 h`, `5 d`: the two largest units where the first is small. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  const [min, h, d] = [Math.floor(s / 60), Math.floor(s / 3600), Math.floor(s / 86_400)];
  if (min < 10) return s % 60 === 0 ? `${min} min` : `${min} min ${s % 60} s`;
  if (h < 1) return `${min} min`;
  if (h < 10) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  if (d < 2) return `${h} h`;
  return `${d} d`;
}

/** As `span`, one unit: what stands in a table. */
export function roughly(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 172_800) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export function absolute(iso: string): string {
  return FULL.format(new Date(iso));
}

/** `3 min ago`; follows the clock. */
export function Ago({ at, bare = false }: { readonly at: string; readonly bare?: boolean }): View {
  const words = roughly(now.value - Date.parse(at));
  return html`<time datetime=${at} title=${absolute(at)}>${bare ? words : `${words} ago`}</time>`;
}

/** How long something took or has taken until now. */
export function Took({ from, to }: { readonly from: string; readonly to: string | null }): View {
  const words = span((to === null ? now.value : Date.parse(to)) - Date.parse(from));
  return html`<time title=${`${absolute(from)} – ${to === null ? 'now' : absolute(to)}`}>${words}</time>`;
}
