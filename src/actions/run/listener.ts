/** Listens to one step's output: lines are told on, workflow commands are obeyed. */

import { stripVTControlCharacters } from 'node:util';

import { errorText } from './words.ts';
import { parseCommand, type WorkflowCommand, wrongStopToken } from './commands.ts';
import { createLineSplitter } from './lines.ts';
import type { Matchers } from './matchers.ts';
import type { Teller } from './teller.ts';

export interface StepEffects {
  readonly outputs: Map<string, string>;
  readonly state: Map<string, string>;
}

export interface Listener {
  /** The next chunk may come when the promise is done. */
  chunk(bytes: Uint8Array, stream: 'stdout' | 'stderr'): Promise<void> | void;
  /** The last lines, where they had no newline. */
  end(): Promise<void>;
  /** A command could not be obeyed: the step fails whatever its exit code was. */
  readonly failed: boolean;
}

export interface ListenerOptions {
  readonly teller: Teller;
  readonly step: number;
  readonly effects: StepEffects;
  /** The job's. */
  readonly matchers: Matchers;
  /** A file of the job, as its steps name it. Throws where it cannot be read. */
  readonly readFile: (path: string) => string;
}

export function createListener({ teller, step, effects, matchers, readFile }: ListenerOptions): Listener {
  const splitters = { stdout: createLineSplitter(teller), stderr: createLineSplitter(teller) };
  let stopped: string | undefined;
  let echo = teller.debugging;
  let failed = false;

  const say = (text: string): Promise<void> | void => teller.line(step, { kind: 'output', text });
  /** A line of the tool's own: where a matcher knows it, it is an annotation. */
  const hear = (text: string): Promise<void> | void => {
    const found = matchers.match(stripVTControlCharacters(text));
    const told = found === undefined ? say(text) : teller.line(step, { ...found, text });
    const [slow] = matchers.tooSlow();
    if (slow === undefined) return told;
    return both(told, teller.line(step, { kind: 'warning', text: `The problem matcher '${slow}' takes too long: it is removed` }));
  };

  const obey = (command: WorkflowCommand, text: string): Promise<void> | void => {
    const { name, data, properties } = command;
    switch (name) {
      case 'group':
      case 'endgroup':
        return teller.line(step, { kind: name, text: name === 'group' ? data : '' });
      case 'error':
      case 'warning':
      case 'notice':
        return teller.line(step, { kind: name, text: data, ...(Object.keys(properties).length === 0 ? {} : { where: properties }) });
      case 'debug':
        return teller.line(step, { kind: 'debug', text: data });
      case 'stop-commands': {
        const wrong = wrongStopToken(data);
        if (wrong !== undefined) throw new Error(wrong);
        stopped = data;
        // Whoever reads the log of this step while it runs shall not learn it.
        if (data.length > 6) teller.masks.add(data);
        return say(text);
      }
      case 'echo':
        echo = echoOf(data);
        return undefined;
      case 'set-output':
      case 'save-state':
        if ((properties['name'] ?? '') === '') throw new Error(`Required field 'name' is missing in ##[${name}] command.`);
        (name === 'set-output' ? effects.outputs : effects.state).set(properties['name'] ?? '', data);
        return undefined;
      case 'add-mask':
        if (data.trim() === '')
          return teller.line(step, { kind: 'warning', text: "Can't add secret mask for empty string in ##[add-mask] command." });
        teller.masks.add(data);
        return echo ? say('::add-mask::***') : undefined;
      case 'add-path':
      case 'set-env':
        throw new Error(
          `The \`${name}\` command is disabled. Please upgrade to using Environment Files. For more information see: https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/`,
        );
      case 'add-matcher':
        matchers.add(readFile(data.trim()));
        return undefined;
      default: // remove-matcher
        if ((properties['owner'] ?? '') === '') throw new Error("Required field 'owner' is missing in ##[remove-matcher] command.");
        matchers.remove(properties['owner'] ?? '');
        return undefined;
    }
  };

  const line = (text: string): Promise<void> | void => {
    const command = parseCommand(text, stopped);
    if (command === undefined) return matchers.active ? hear(text) : say(text);
    if (stopped !== undefined) {
      if (command.name === stopped.toLowerCase()) stopped = undefined;
      return say(text);
    }
    const shown = echo && !QUIET.has(command.name);
    try {
      const echoed = shown ? say(text) : undefined;
      const told = obey(command, text);
      return echoed === undefined ? told : both(echoed, told);
    } catch (error) {
      failed = true;
      return both(
        teller.line(step, {
          kind: 'error',
          text: `Unable to process command '${QUIET.has(command.name) && command.name !== 'stop-commands' ? command.name : text}' successfully.`,
        }),
        teller.line(step, { kind: 'error', text: errorText(error) }),
      );
    }
  };

  const lines = (all: readonly string[]): Promise<void> | void => {
    // Waits only where somebody made us wait: a chunk of a thousand lines is no thousand turns of the event loop.
    for (let index = 0; index < all.length; index++) {
      const told = line(all[index] ?? '');
      if (told !== undefined) return waiting(told, all.slice(index + 1));
    }
    return undefined;
  };
  const waiting = async (told: Promise<void>, rest: readonly string[]): Promise<void> => {
    await told;
    for (const text of rest) await line(text);
  };

  return {
    chunk: (bytes, stream) => lines(splitters[stream].push(bytes)),
    end: async () => {
      for (const splitter of [splitters.stdout, splitters.stderr]) {
        const rest = splitter.end();
        if (rest !== undefined) await line(rest);
      }
    },
    get failed() {
      return failed;
    },
  };
}

/** These are not shown with `echo on`: what they carry is shown anyway, or is secret. */
const QUIET: ReadonlySet<string> = new Set(['add-mask', 'debug', 'error', 'warning', 'notice', 'group', 'endgroup', 'stop-commands']);

function echoOf(data: string): boolean {
  const word = data.trim().toLowerCase();
  if (word !== 'on' && word !== 'off') {
    throw new Error(`Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${data}'.`);
  }
  return word === 'on';
}

async function both(first: Promise<void> | void, second: Promise<void> | void): Promise<void> {
  await first;
  await second;
}
