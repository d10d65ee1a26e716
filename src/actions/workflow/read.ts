/** Reads workflow files: the official parser is loaded with the first one, so that whoever reads none does not pay for it. */

import type { ReadResult } from '../model.ts';
import { keptIn } from './kept.ts';

export interface ReadOptions {
  /** A folder of the user's own where results are kept: the same file is not parsed again by the next process. */
  readonly keep?: string;
}

/** `path` is for messages and for the workflow's name. Every problem has `at: PATH:LINE:COLUMN`. */
export async function readWorkflow(path: string, text: string, { keep }: ReadOptions = {}): Promise<ReadResult> {
  const kept = keep === undefined ? undefined : keptIn(keep);
  const known = kept?.find(path, text);
  if (known !== undefined) return known;
  const { buildWorkflow } = await import('./build.ts');
  const result = buildWorkflow(path, text);
  kept?.keep(path, text, result);
  return result;
}

/** Loads what the first workflow file and the first action's file would load. */
export async function warmUpReading(): Promise<void> {
  await Promise.all([import('./build.ts'), import('../run/action-file.ts')]);
}
