/** The actions room's door: workflows are read, judged, planned and run. */

export { explain, type ExplainedJob } from './explain/explain.ts';
export { eventOf, workflowFiles } from './explain/tree.ts';
export { createAdmission, jobLimits, jobReserve } from './admission.ts';
export { createDiskWatch } from './disk-watch.ts';
export { createContainerSandboxes } from './sandbox/container.ts';
export { createHostSandbox } from './sandbox/host.ts';
export { checkInputs } from './triggers/inputs.ts';
export { readWorkflow, warmUpReading } from './workflow/read.ts';
export { createRuns, type Runs } from './runs/runs.ts';
export type { OpenJob, RunsOptions } from './runs/types.ts';
export { createVault, type Vault } from './secrets.ts';
