/** The actions room's door for `antler run`: what a run without a daemon needs, and no more, since starting fast is a promise. */

export { readWorkflow } from '../workflow/read.ts';
export type { Workflow } from '../model.ts';
export { execute } from '../run/execute.ts';
export { createHostSandbox } from '../sandbox/host.ts';
export { checkInputs } from '../triggers/inputs.ts';
export { triggers } from '../triggers/triggers.ts';
export { changedFiles, readGit, type LocalGit } from './git.ts';
export { createLocalHost } from './host.ts';
