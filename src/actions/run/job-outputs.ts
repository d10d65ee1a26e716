/** What a job hands to the jobs that need it; a secret never leaves it this way. */

import type { Scope, Template } from '../model.ts';
import { evaluateTexts } from './evaluate.ts';
import type { JobState } from './job-state.ts';
import { errorText } from './words.ts';

interface OutputsOf {
  readonly job: JobState;
  readonly number: number;
  readonly template: Template | undefined;
  readonly scope: Scope;
}

/** An empty one is none, as on GitHub. */
export async function jobOutputs({
  job,
  number,
  template,
  scope,
}: OutputsOf): Promise<{ outputs: Record<string, string>; problem: boolean }> {
  const outputs: Record<string, string> = {};
  try {
    for (const [name, value] of Object.entries(evaluateTexts(template, scope))) {
      if (value === '') continue;
      if (job.teller.masks.holds(value)) {
        await job.teller.line(number, { kind: 'warning', text: `Skip output '${name}' since it may contain secret.` });
        continue;
      }
      outputs[name] = value;
    }
    return { outputs, problem: false };
  } catch (error) {
    await job.teller.line(number, { kind: 'error', text: errorText(error) });
    return { outputs, problem: true };
  }
}
