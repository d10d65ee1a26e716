/** The actions room's door: workflows are read, judged, planned and run. */

export { explain, type ExplainedJob } from './explain/explain.ts';
export { eventOf, workflowFiles } from './explain/tree.ts';
export { changedFiles, readGit, type LocalGit } from './local/git.ts';
export { createAdmission, jobLimits, jobReserve } from './admission.ts';
export { createLocalHost } from './local/host.ts';
export type { Workflow } from './model.ts';
export { execute } from './run/execute.ts';
export { createContainerSandboxes } from './sandbox/container.ts';
export { createHostSandbox } from './sandbox/host.ts';
export { checkInputs } from './triggers/inputs.ts';
export { triggers } from './triggers/triggers.ts';
export { readWorkflow, warmUpReading } from './workflow/read.ts';
export { createRuns, type Runs } from './runs/runs.ts';
export type { OpenJob, RunsOptions } from './runs/types.ts';
export { createVault, type Vault } from './secrets.ts';
