/** A small line of the last hour; gaps where nothing was good. */

import { ms } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';

const [WIDTH, HEIGHT] = [120, 28];

export function Spark({ values, label }: { readonly values: readonly (number | null)[]; readonly label: string }): View {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return html`<span class="spark empty soft">${known.length === 0 ? 'no checks yet' : 'first checks'}</span>`;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const { line, gaps } = shape(values, most);
  return html`<svg
    class="spark"
    viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
    preserveAspectRatio="none"
    role="img"
    aria-label=${`${label}: ${ms(least)} to ${ms(most)}`}
  >
    <title>${`${label}: ${ms(least)} to ${ms(most)}`}</title>
    ${gaps.map(({ x, width }) => html`<rect class="gap" x=${x} y="0" width=${width} height=${HEIGHT} />`)}
    <path d=${line} vector-effect="non-scaling-stroke" />
  </svg>`;
}

/** From zero up, so that a calm service looks calm. Pure. */
function shape(values: readonly (number | null)[], most: number): { line: string; gaps: { x: number; width: number }[] } {
  const step = WIDTH / Math.max(1, values.length - 1);
  const first = values.findIndex((value) => value !== null);
  const gaps: { x: number; width: number }[] = [];
  let line = '';
  let pen = 'M';
  for (const [at, value] of values.entries()) {
    if (value === null) {
      if (at > first) gaps.push({ x: Math.max(0, (at - 0.5) * step), width: step });
      pen = 'M';
      continue;
    }
    const y = HEIGHT - 2 - (most === 0 ? 0 : (value / most) * (HEIGHT - 5));
    line += `${pen}${(at * step).toFixed(1)} ${y.toFixed(1)}`;
    if (pen === 'M' && (values[at + 1] ?? null) === null) line += 'h0.1';
    pen = 'L';
  }
  return { line, gaps };
}
