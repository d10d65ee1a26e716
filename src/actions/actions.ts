/** The actions room's door: workflows are read, judged, planned and run. */

export { evaluate, evaluateCondition, evaluateText } from './expressions/evaluate.ts';
export { readWorkflow } from './workflow/read.ts';
