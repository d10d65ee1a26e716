/** What the runner says of a step beside its output: folded away on GitHub, and left out here unless somebody asks for it. */

import type { RunEvent } from '../contract/runs.ts';

/** For the events of one run, in order: true for what may be left out. */
export function createQuiet(): (event: RunEvent) => boolean {
  /** Jobs whose step has just begun, or tells its script, shell and environment. */
  const heads = new Map<string, 'next' | 'inside'>();
  const isHead = ({ job, type, text }: Extract<RunEvent, { kind: 'line' }>): boolean => {
    const head = heads.get(job);
    if (head === undefined) return false;
    heads.delete(job);
    const inside = head === 'inside' ? type !== 'endgroup' : type === 'group' && text.startsWith('Run ');
    if (inside) heads.set(job, 'inside');
    return inside || head === 'inside';
  };
  return (event) => {
    switch (event.kind) {
      case 'job-step': {
        const { job, number, name, state, conclusion } = event;
        if (state === 'in_progress') heads.set(job, 'next');
        // The runner's own steps are told only where they went wrong.
        return (number === 1 || name === 'Complete job') && (state === 'in_progress' || conclusion === 'success');
      }
      case 'line':
        return isHead(event) || event.type === 'command' || event.type === 'system';
      case 'run':
      case 'job':
      case 'waiting':
        return false;
      default:
        return event satisfies never;
    }
  };
}
