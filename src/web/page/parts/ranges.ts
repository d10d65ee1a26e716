/** How far back: one of six. */

import type { Range } from '../../../contract/watch.ts';
import { html, type View } from '../lib/html.ts';

const RANGES: readonly (readonly [Range, string])[] = [
  ['1h', 'hour'],
  ['6h', '6 hours'],
  ['1d', 'day'],
  ['7d', 'week'],
  ['30d', 'month'],
  ['1y', 'year'],
];

export function Ranges({ value, onChange }: { readonly value: Range; readonly onChange: (range: Range) => void }): View {
  return html`<fieldset class="ranges">
    <legend class="unseen">How far back</legend>
    ${RANGES.map(
      ([range, title]) =>
        html`<label key=${range}>
          <input type="radio" name="range" checked=${range === value} onChange=${() => onChange(range)} /><span>${title}</span>
        </label>`,
    )}
  </fieldset>`;
}
