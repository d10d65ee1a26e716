/** What differs between two texts, for a person's eye: the changed middle, a few lines of it. */

const MOST = 6;

/** `- old` and `+ new` lines; what both share at the beginning and at the end is left out. */
export function diffLines(before: string, after: string): readonly string[] {
  const old = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const now = after === '' ? [] : after.replace(/\n$/, '').split('\n');
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  return [...some('-', old.slice(head, old.length - tail)), ...some('+', now.slice(head, now.length - tail))];
}

function some(sign: string, lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, MOST).map((line) => `${sign} ${line.length > 160 ? `${line.slice(0, 160)}…` : line}`);
  return lines.length > MOST ? [...shown, `${sign} … ${lines.length - MOST} more`] : shown;
}
