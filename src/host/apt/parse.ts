/** What dpkg and apt print. */

/** Lines `name\tversion\tstatus` → version of each installed one. */
export function parseInstalled(text: string): ReadonlyMap<string, string> {
  const rows = text.split('\n').map((line) => line.split('\t'));
  return new Map(rows.flatMap(([name = '', version = '', status = '']) => (status === 'installed' ? [[name, version] as const] : [])));
}

/** `apt-cache policy` → the candidate of each package that has one. */
export function parsePolicy(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (/^\S.*:$/.test(line)) name = line.slice(0, -1);
    const candidate = /^ {2}Candidate: (.+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== '(none)') found.set(name, candidate);
  }
  return found;
}

/** Does apt say that it could not get something from a mirror? */
export function couldNotFetch(lines: readonly string[]): boolean {
  return lines.some((line) =>
    /Failed to fetch|Unable to fetch|Could not connect|Could not resolve|Unable to connect|Temporary failure resolving|Connection (?:failed|timed out|refused)/.test(
      line,
    ),
  );
}

/** Does apt ask for `dpkg --configure -a`, as it does after a kill? */
export function wasInterrupted(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes('dpkg --configure -a'));
}
