/** `antler doctor`. */

import { examine, isFit, type Finding } from '../../instance/instance.ts';
import { loadConfig } from '../../config/config.ts';
import type { Spec } from '../../config/types.ts';
import { AntlerError } from '../../kit/errors.ts';
import type { Context } from '../command.ts';
import type { Paint, Style } from '../output.ts';
import { throughSudo } from '../root.ts';

export async function run(context: Context): Promise<number> {
  const { out, json, home, portOffset, signal } = context;
  const ended = await throughSudo(context, 'look at the machine');
  if (ended !== undefined) return ended;
  const spec = await configHere(context);
  const findings = await examine({
    home,
    spec,
    portOffset,
    signal,
    onFinding: (finding) => (json ? undefined : out.line(findingText(finding, out.paint))),
  });
  const fit = isFit(findings);
  if (json) out.object({ fit, findings });
  else out.line(fit ? out.paint('green', 'Nothing to do') : out.paint('red', 'There is something to do'));
  return fit ? 0 : 2;
}

/** A doctor that refuses to look because the config is wrong would be none. */
async function configHere({ cwd, signal, out, json }: Context): Promise<Spec | undefined> {
  try {
    return (await loadConfig(cwd, { signal })).spec;
  } catch (error) {
    if (!(error instanceof AntlerError) || !error.code.startsWith('config/')) throw error;
    if (error.code !== 'config/missing' && !json) out.note(`the config is left out: ${error.message}`);
    return undefined;
  }
}

const MARKS: Readonly<Record<Finding['state'], readonly [string, Style]>> = {
  ok: ['✓', 'green'],
  todo: ['✗', 'red'],
  note: ['·', 'yellow'],
  absent: ['–', 'dim'],
};

export function findingText({ check, state, detail, hint }: Finding, paint: Paint): string {
  const [mark, style] = MARKS[state];
  const line = `${paint(style, mark)} ${check.padEnd(9)} ${detail}`;
  return hint === undefined ? line : `${line}\n${' '.repeat(12)}${paint('cyan', hint)}`;
}
