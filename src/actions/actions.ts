/** The actions room's door: workflows are read, judged, planned and run; the secrets and variables that jobs read. */

export { explain, type ExplainedJob } from './explain/explain.ts';
export { eventOf, workflowFiles } from './explain/tree.ts';
export { changedFiles, readGit, type LocalGit } from './local/git.ts';
export { createAdmission, jobLimits, jobReserve } from './admission.ts';
export { createLocalHost } from './local/host.ts';
export type { Workflow } from './model.ts';
export { type Entry, enterGroup, groupKey, type Member } from './plan/concurrency.ts';
export { execute } from './run/execute.ts';
export { planRetention, RETENTION } from './retention.ts';
export { createContainerSandboxes, JOB_BASE } from './sandbox/container.ts';
export { createHostSandbox } from './sandbox/host.ts';
export { createVault, type Vault } from './secrets.ts';
export { checkInputs, type InputValue } from './triggers/inputs.ts';
export { type Decision, triggers } from './triggers/triggers.ts';
export { readWorkflow, warmUpReading } from './workflow/read.ts';
