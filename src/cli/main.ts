/** The program `antler`: parse, load one handler, run it, say how it ended. Imports almost nothing: starting fast is a promise. */

import { resolve } from 'node:path';
import process from 'node:process';

import { AntlerError, toAntlerError, type ErrorBody } from '../kit/errors.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { createOutput, type Output } from './output.ts';
import { parse, type Parsed } from './parse.ts';
import { homeOf, typed } from './typed.ts';

// The bootstrap turned the compile cache on for us; the programs that we start need none.
delete process.env['NODE_COMPILE_CACHE'];

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const out = createOutput();
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (interrupt.signal.aborted) process.exit(130); // asked twice: do not wait for anything
      interrupt.abort(new AntlerError('kit/aborted', 'Interrupted'));
    });
  }
  let json = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length).includes('--json');
  try {
    const parsed = parse(argv, commands);
    if (parsed.kind === 'run') {
      json = parsed.options.flag('json');
      return await runCommand(parsed, { out, signal: interrupt.signal, json });
    }
    return await show(parsed, { out, signal: interrupt.signal, json });
  } catch (thrown) {
    const error = toAntlerError(interrupt.signal.aborted && !(thrown instanceof AntlerError) ? interrupt.signal.reason : thrown);
    if (json) out.raw('stderr', `${JSON.stringify({ error: error.toBody() })}\n`);
    else {
      const { errorText } = await import('./print-error.ts');
      out.note(errorText(inThisShell(error.toBody(), argv), out.paintNote));
      if (error.code === 'internal/bug' && error.cause instanceof Error) out.note(out.paintNote('dim', error.cause.stack ?? ''));
    }
    return error.exit;
  }
}

interface Running {
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly json: boolean;
}

async function runCommand({ command, args, options }: Extract<Parsed, { kind: 'run' }>, running: Running): Promise<number> {
  const given = options.text('home') ?? process.env['ANTLER_HOME'];
  const shell = { env: process.env, home: options.text('home') };
  const context = {
    ...running,
    args,
    options,
    home: resolve(given === undefined || given === '' ? '/var/lib/antler' : given),
    homeGiven: given !== undefined && given !== '',
    portOffset: portOffset(),
    typed: (line: string) => typed(line, shell),
    cwd: process.cwd(),
  };
  const { run } = await command.load();
  return (await run(context)) ?? 0;
}

/** Hints as the person can paste them. */
function inThisShell(error: ErrorBody, argv: readonly string[]): ErrorBody {
  const shell = { env: process.env, home: homeOf(argv) };
  return { ...error, hint: error.hint.replaceAll(/`antler ([^`]+)`/g, (_, line: string) => `\`${typed(line, shell)}\``) };
}

function portOffset(): number {
  const text = process.env['ANTLER_PORT_OFFSET'] ?? '';
  const offset = text === '' ? 0 : Number(text);
  if (Number.isInteger(offset) && offset >= 0 && offset <= 60_000) return offset;
  throw new AntlerError(
    'cli/usage',
    `Cannot add ANTLER_PORT_OFFSET to the ports as it is no number from 0 to 60000: ${text.slice(0, 60)}`,
    {
      hint: 'Set it to a number, or unset it',
    },
  );
}

async function show(parsed: Exclude<Parsed, { kind: 'run' }>, { out, json, signal }: Running): Promise<number> {
  if (parsed.kind === 'version') {
    const version = commands.find(({ name }) => name === 'version') as Command;
    const none = {
      args: { get: () => '', maybe: () => undefined, rest: [] },
      options: { flag: () => json, text: () => undefined, all: () => [] },
    };
    return runCommand({ kind: 'run', command: version, ...none }, { out, json, signal });
  }
  const help = await import('./help.ts');
  const style = {
    title: (text: string) => out.paint('bold', text),
    name: (text: string) => out.paint('cyan', text),
    dim: (text: string) => out.paint('dim', text),
  };
  if (parsed.kind === 'help-all') out.line(help.helpAll(commands, style));
  else if (parsed.kind === 'help-group') out.line(help.helpGroup(parsed.group, commands, style));
  else out.line(help.helpCommand(parsed.command, style));
  return 0;
}
