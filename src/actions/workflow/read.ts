/** Reads workflow files: the official parser is loaded with the first one, so that whoever reads none does not pay for it. */

import type { ReadResult } from '../model.ts';

/** `path` is for messages and for the workflow's name. Every problem has `at: PATH:LINE:COLUMN`. */
export async function readWorkflow(path: string, text: string): Promise<ReadResult> {
  const { buildWorkflow } = await import('./build.ts');
  return buildWorkflow(path, text);
}

/** Loads what the first workflow file and the first action's file would load. */
export async function warmUpReading(): Promise<void> {
  await Promise.all([import('./build.ts'), import('../run/action-file.ts')]);
}
