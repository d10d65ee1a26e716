/** The actions room's door: workflows are read, judged, planned and run. */

export { evaluate, evaluateCondition, evaluateText } from './expressions/evaluate.ts';
export { type Entry, enterGroup, groupKey, type Member } from './plan/concurrency.ts';
export { type Cell, expandMatrix, type StrategyContext } from './plan/matrix.ts';
export { checkInputs, type InputValue } from './triggers/inputs.ts';
export { type Decision, triggers } from './triggers/triggers.ts';
export { readWorkflow, warmUpReading } from './workflow/read.ts';
