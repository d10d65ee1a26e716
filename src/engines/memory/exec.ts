/** The few commands that a container in memory knows: true, false, cat, `sh -c 'exit N'`. */

import type { ExecEvent, ExecInOptions } from '../types.ts';

export async function* execInMemory({ argv, stdin }: ExecInOptions): AsyncGenerator<ExecEvent, void, void> {
  const [program = '', , script = ''] = argv;
  if (program === 'cat') for await (const bytes of stdin ?? []) yield { kind: 'output', stream: 'stdout', bytes };
  const codes: Readonly<Record<string, number>> = { true: 0, cat: 0, false: 1, sh: Number(/^exit (\d+)$/.exec(script)?.[1] ?? 0) };
  const exitCode = codes[program] ?? 127;
  if (exitCode === 127) yield { kind: 'output', stream: 'stderr', bytes: Buffer.from(`${program}: not found\n`) };
  yield { kind: 'exit', exitCode };
}
