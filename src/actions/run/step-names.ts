/** What `github.action` calls each step: its id, or a name that GitHub makes: `__run`, `__run_2`, `__actions_checkout`, `__self`. Pure. */

import type { StepSpec } from '../model.ts';

const MAX = 100;

export function contextNames(steps: readonly Pick<StepSpec, 'id' | 'uses'>[]): readonly string[] {
  const taken = new Set(steps.flatMap(({ id }) => (id === undefined ? [] : [id])));
  return steps.map(({ id, uses }) => {
    if (id !== undefined) return id;
    const base = `__${kindOf(uses).replaceAll(/[^\w-]/g, '_')}`;
    let name = base.slice(0, MAX);
    for (let attempt = 2; taken.has(name); attempt++) name = `${base.slice(0, MAX - `_${attempt}`.length)}_${attempt}`;
    taken.add(name);
    return name;
  });
}

function kindOf(uses: string | undefined): string {
  if (uses === undefined) return 'run';
  if (uses.startsWith('./') || uses === '.') return 'self';
  const [owner = '', name = ''] = (uses.split('@')[0] ?? '').split('/');
  return `${owner}_${name}`;
}
