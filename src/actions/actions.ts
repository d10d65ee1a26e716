/** The actions room's door: workflows are read, judged, planned and run. */

export { explain, type ExplainedJob } from './explain/explain.ts';
export { eventOf, workflowFiles } from './explain/tree.ts';
export { enterGroup, groupKey, type Entry, type Member } from './plan/concurrency.ts';
export { checkInputs, type InputValue } from './triggers/inputs.ts';
export { type Decision, triggers } from './triggers/triggers.ts';
export { readWorkflow, warmUpReading } from './workflow/read.ts';
