/** How well something is: a shape, a colour and a word, never a colour alone. */

import type { HealthVerdict } from '../../../contract/status.ts';
import { html, type View } from '../lib/html.ts';

/** Eight of a side: a disc, a triangle, a cross, an arrow, two halves, a ring. */
const SHAPES: Readonly<Record<HealthVerdict, string>> = {
  up: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 0 0 0-13zm3.300 4.700-4 4.300a.8.8 0 0 1-1.200 0L4.500 8.800l1.100-1.100 1.100 1.200 3.500-3.800z',
  degraded: 'M8 1.300 15.300 14.400H.7zM7.200 5.800v4.200h1.600V5.800zm0 5.300v1.600h1.600v-1.600z',
  down: 'M4.800 1.500h6.400l3.300 3.300v6.400l-3.300 3.300H4.800l-3.300-3.300V4.800zM5.900 4.800 4.800 5.900 6.900 8l-2.100 2.100 1.100 1.100L8 9.100l2.100 2.100 1.100-1.100L9.100 8l2.100-2.100-1.100-1.100L8 6.900z',
  deploying: 'M8 1.500 14.500 8H10.500v6.500h-5V8h-4z',
  drift: 'M8 .9 15.100 8 8 15.100.9 8zm0 3.300v7.600L11.800 8z',
  unknown: 'M8 1.500a6.500 6.500 0 1 1 0 13a6.500 6.500 0 0 1 0-13zm0 2a4.500 4.500 0 1 0 0 9a4.500 4.500 0 0 0 0-9z',
};

export interface HealthProps {
  readonly verdict: HealthVerdict;
  /** The word is said elsewhere already. */
  readonly bare?: boolean;
}

export function Health({ verdict, bare = false }: HealthProps): View {
  return html`<span class="health" data-is=${verdict}>
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path fill-rule="evenodd" d=${SHAPES[verdict]} /></svg>
    <span class=${bare ? 'unseen' : ''}>${verdict}</span>
  </span>`;
}

const ENDS: Readonly<Record<string, HealthVerdict>> = {
  success: 'up',
  verified: 'up',
  failure: 'down',
  failed: 'down',
  undone: 'degraded',
  rejected: 'down',
  cancelled: 'unknown',
  skipped: 'unknown',
  queued: 'unknown',
  waiting: 'degraded',
  in_progress: 'deploying',
  running: 'deploying',
};

/** The same for runs, jobs and rollouts, in their own words. */
export function Outcome({ word, bare = false }: { readonly word: string; readonly bare?: boolean }): View {
  const like = ENDS[word] ?? 'unknown';
  return html`<span class="health" data-is=${like}>
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path fill-rule="evenodd" d=${SHAPES[like]} /></svg>
    <span class=${bare ? 'unseen' : ''}>${word.replace('_', ' ')}</span>
  </span>`;
}
