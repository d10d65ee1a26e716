/** Checks the subjects of the commits that origin/main does not have yet: `room: imperative sentence`. */

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';

import { subjectProblem } from './commits/subject.ts';

const ROOT = resolve(import.meta.dirname, '..');
const rooms = [...readdirSync(resolve(ROOT, 'src')).map((name) => name.replace(/\.ts$/, '')), 'sample', 'docs', 'test', 'bench'];

const problems = newSubjects().flatMap((subject) => {
  const problem = subjectProblem(subject, rooms);
  return problem === undefined ? [] : [`${subject}\n  ${problem}`];
});
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** None where there is no origin/main to compare with: history that is out cannot be mended. */
function newSubjects(): string[] {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    git('rev-parse', '--verify', 'origin/main');
  } catch {
    return [];
  }
  return git('log', '--no-merges', '--format=%s', 'origin/main..HEAD')
    .split('\n')
    .filter((line) => line !== '');
}
