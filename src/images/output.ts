/** The builder's lines as the writer of a Dockerfile expects them, and in words why a build ended. Pure. */

const STEP = /^((?:\[[^\]]+\] )?STEP )(\d+)\/(\d+): (.*)$/s;
const LONGEST = 1000;

/** Undefined for lines that would only puzzle: each stage has one step of ours, behind its FROM; the others are counted without it. */
export function cleanLine(line: string): string | undefined {
  if (/^subprocess exited |UNHANDLED LOGLEVEL/.test(line)) return undefined;
  const step = STEP.exec(line);
  if (step === null) return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  const [, start = '', number = '', of = '', text = ''] = step;
  if (text.startsWith('ARG APT_CONFIG=')) return undefined;
  return `${start}${Math.max(1, Number(number) - (number === '1' ? 0 : 1))}/${Number(of) - 1}: ${text}`;
}

/** Completes "Cannot build backend as …". `memory` is the builder's cap, for people. */
export function explainFailure(lines: readonly string[], memory: string): string {
  const step = STEP.exec(lines.findLast((line) => STEP.test(line)) ?? '');
  const where = step === null ? 'its Dockerfile' : shorten(`step ${step[2]}/${step[3]} (${step[4]})`);
  const end = lines.findLast((line) => line.startsWith('Error: ')) ?? '';
  const unknown = /Unknown instruction: "([^"]*)"/.exec(end)?.[1];
  if (unknown !== undefined) return `its Dockerfile has the unknown instruction ${unknown}`;
  if (/exit status 137|signal: killed|exited on killed/.test(end) || lines.some((line) => line === 'Killed')) {
    return `${where} was killed: most likely it needed more than the ${memory} of memory that a build may use`;
  }
  const exit = /exit status (\d+)/.exec(end)?.[1];
  if (exit !== undefined) return `${where} ended with ${exit}`;
  if (/initializing source|pinging container registry|short-name/.test(end)) return `${where} names an image that could not be pulled`;
  return `${where} failed`;
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
