/** The checks of a service: a bar of their good share over time, and the figures. */

import type { History } from '../../../contract/watch.ts';
import { ms, percent } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';

/** Cells of a bar: more could not be told apart. */
const CELLS = 60;

const WORDS: Readonly<Record<string, string>> = {
  edge: 'through the edge',
  direct: 'at its own address',
  container: 'container',
};

export function Checks({ history }: { readonly history: History }): View {
  return html`<section class="panel" aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    ${history.probes.length === 0 ? html`<p class="soft">None in this time.</p>` : null}
    <ul class="checks">
      ${history.probes.toSorted(byNews).map(({ check, replica, release, ok, ms: times }) => {
        const known = ok.filter((value) => value !== null);
        const share = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
        const timed = check === 'container' ? [] : times.filter((value) => value !== null);
        const mean = timed.length === 0 ? null : timed.reduce((sum, value) => sum + value, 0) / timed.length;
        return html`<li key=${`${check}/${replica}/${release}`}>
          <div class="line small">
            <b>${WORDS[check] ?? check}</b><span class="soft mono">${replica === '' ? release : replica}</span>
            <span class="figures-right">${percent(share, 2)} good${mean === null ? '' : `, ${ms(mean)}`}</span>
          </div>
          <${Bar} values=${ok} />
        </li>`;
      })}
    </ul>
  </section>`;
}

type Probe = History['probes'][number];

/** The newest release first; what callers get before what is behind it. */
function byNews(a: Probe, b: Probe): number {
  const order = ({ check }: Probe): number => Object.keys(WORDS).indexOf(check);
  return Number(b.release.slice(1)) - Number(a.release.slice(1)) || order(a) - order(b) || (a.replica < b.replica ? -1 : 1);
}

function Bar({ values }: { readonly values: readonly (number | null)[] }): View {
  const size = Math.max(1, Math.ceil(values.length / CELLS));
  const cells = Array.from({ length: Math.ceil(values.length / size) }, (_, at) => {
    const known = values.slice(at * size, (at + 1) * size).filter((value) => value !== null);
    return known.length === 0 ? null : Math.min(...known);
  });
  return html`<svg class="bar-of" viewBox=${`0 0 ${cells.length} 10`} preserveAspectRatio="none" aria-hidden="true">
    ${cells.map((value, at) => {
      // What was bad reaches down: not told by the colour alone.
      const kind = value === null ? 'none' : value >= 0.995 ? 'good' : value > 0 ? 'part' : 'bad';
      return html`<rect
        x=${at + 0.08}
        y=${kind === 'none' ? 4 : kind === 'good' ? 3 : 0}
        width="0.84"
        height=${kind === 'none' ? 2 : kind === 'good' ? 4 : 10}
        data-is=${kind}
      />`;
    })}
  </svg>`;
}
