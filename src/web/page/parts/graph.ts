/** Jobs as a graph by what they need, from left to right. */

import type { JobState } from '../lib/run-state.ts';
import { html, type View } from '../lib/html.ts';
import { Outcome } from './health.ts';

const [WIDTH, HEIGHT, ACROSS, DOWN] = [172, 58, 40, 16] as const;

export interface GraphProps {
  readonly jobs: readonly JobState[];
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export function Graph({ jobs, chosen, onChoose }: GraphProps): View {
  const places = layOut(jobs);
  const width = Math.max(0, ...[...places.values()].map(({ x }) => x)) + WIDTH;
  const height = Math.max(0, ...[...places.values()].map(({ y }) => y)) + HEIGHT;
  return html`<div class="scroll graph-scroll" tabindex="0" role="group" aria-label="Jobs">
    <div class="graph" style=${{ width: `${width + 4}px`, height: `${height + 4}px` }}>
      <svg width=${width} height=${height} aria-hidden="true">
        ${jobs.flatMap((job) =>
          job.needs.flatMap((need) => {
            const [from, to] = [places.get(need), places.get(job.key)];
            return from === undefined || to === undefined ? [] : [html`<path d=${edge(from, to)} />`];
          }),
        )}
      </svg>
      ${jobs.map((job) => {
        const { x = 0, y = 0 } = places.get(job.key) ?? {};
        return html`<button
          key=${job.key}
          class="job"
          style=${{ left: `${x}px`, top: `${y}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}
          aria-pressed=${job.key === chosen}
          onClick=${() => onChoose(job.key)}
        >
          <span class="job-name">${job.name}</span>
          <${Outcome} word=${job.conclusion ?? job.state} />
          ${job.environment === null ? null : html`<span class="tag">${job.environment}</span>`}
        </button>`;
      })}
    </div>
  </div>`;
}

/** A column by the longest way to a job; in the order of the file within it. Pure. */
function layOut(jobs: readonly JobState[]): ReadonlyMap<string, Place> {
  const byKey = new Map(jobs.map((job) => [job.key, job]));
  const depths = new Map<string, number>();
  const depthOf = (key: string, path: readonly string[] = []): number => {
    const known = depths.get(key);
    if (known !== undefined) return known;
    const needs = (byKey.get(key)?.needs ?? []).filter((need) => byKey.has(need) && !path.includes(need));
    const depth = needs.length === 0 ? 0 : Math.max(...needs.map((need) => depthOf(need, [...path, key]))) + 1;
    depths.set(key, depth);
    return depth;
  };
  const columns = Map.groupBy(jobs, (job) => depthOf(job.key));
  return new Map(
    [...columns].flatMap(([depth, column]) =>
      column.map(({ key }, at): [string, Place] => [key, { x: 2 + depth * (WIDTH + ACROSS), y: 2 + at * (HEIGHT + DOWN) }]),
    ),
  );
}

function edge(from: Place, to: Place): string {
  const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  const middle = x2 - ACROSS / 2;
  return `M${x1} ${y1}H${middle - 10}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}
