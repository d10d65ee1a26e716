/** Says in words why a build ended, from the builder's own lines. Pure. */

/** Completes "Cannot build backend as …". */
export function explainFailure(lines: readonly string[], memory: string): string {
  const step = lines.findLast((line) => /^(?:\[[^\]]+\] )?STEP \d+\/\d+: /.test(line))?.replace(/^(?:\[[^\]]+\] )?STEP /, 'step ');
  const where = step === undefined ? 'its Dockerfile' : shorten(step);
  const end = lines.findLast((line) => line.startsWith('Error: ')) ?? '';
  if (/exit status 137|signal: killed/.test(end) || lines.at(-1) === 'Killed') {
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
