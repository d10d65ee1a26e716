/** A question to the person at the terminal. */

import process from 'node:process';

import type { Context } from './command.ts';

/** True for yes (also for a bare Enter). False for no, and where nobody can answer: no terminal, or `--json`. */
export async function confirm({ json, signal }: Pick<Context, 'json' | 'signal'>, question: string): Promise<boolean> {
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return false;
  const { createInterface } = await import('node:readline/promises');
  using lines = createInterface({ input: process.stdin, output: process.stderr });
  // Readline takes Ctrl-C for itself while it asks.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answer = await lines.question(`${question} [Y/n] `, { signal });
  return /^(?:y|yes)?$/i.test(answer.trim());
}
