/** `antler init`: looks at a repository and proposes a config that passes. Planning reads; writing never overwrites. */

import { stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { AntlerError, errnoOf } from '../kit/errors.ts';
import type { Config, ServiceConfig } from './define.ts';
import { EDITOR_FILE, editorTypes } from './init/editor.ts';
import { findDockerfiles, type Found } from './init/find.ts';
import { frontness, guessHealth, guessPort } from './init/guess.ts';
import { mergeStandIns, standInsFor } from './init/stand-ins.ts';
import { configText } from './init/text.ts';
import { CONFIG_FILE } from './load.ts';
import { parseConfig } from './parse.ts';
import type { Spec } from './types.ts';

export interface InitPlan {
  readonly directory: string;
  /** Path relative to the directory → content. */
  readonly files: Readonly<Record<string, string>>;
  readonly spec: Spec;
  /** What a person should look at. */
  readonly notes: readonly string[];
}

/** Throws `config/exists`, `config/nothing-found`. */
export async function propose(directory: string, signal: AbortSignal): Promise<InitPlan> {
  const folder = resolve(directory);
  if (await exists(join(folder, CONFIG_FILE))) throw existing(folder);
  const found = await findDockerfiles(folder, signal);
  const usable = found.filter(({ context, dockerfile }) => [context, dockerfile].every((path) => /^[\w.~@+/-]+$/.test(path)));
  if (usable.length === 0)
    throw new AntlerError('config/nothing-found', `Cannot propose a config as no Dockerfile lies in ${folder} or a few folders below it`);
  const names = serviceNames(usable, toName(basename(folder), 'app'));
  const exposed = usable
    .map((one, index) => ({ index, score: frontness(one, names[index] ?? '') }))
    .toSorted((a, b) => b.score - a.score)[0]?.index;
  const standIns = usable.flatMap((one) => standInsFor(one));
  const bases = mergeStandIns(standIns);
  const services: Record<string, ServiceConfig> = {};
  const reasons: Record<string, string> = {};
  for (const [index, one] of usable.entries()) {
    const name = names[index] ?? '';
    const [port, health] = [guessPort(one), guessHealth(one)];
    const build = one.dockerfile === 'Dockerfile' ? one.context : { context: one.context, dockerfile: one.dockerfile };
    const expose = usable.length > 1 && index === exposed;
    services[name] = { build, port: port.value, health: { path: health.value }, ...(expose ? { expose } : {}) };
    reasons[name] = `Port from ${port.why}; health path from ${health.why}.`.replace('from a guess', 'is a guess');
  }
  const config: Config = {
    app: toName(basename(folder), 'app'),
    ...(Object.keys(bases).length === 0 ? {} : { bases }),
    services,
    environments: { dev: { port: 30_008 }, stg: { port: 30_009, from: 'dev' }, prod: { port: 30_010, from: 'stg', approve: 1 } },
  };
  return {
    directory: folder,
    files: { [CONFIG_FILE]: configText({ config, reasons }), [EDITOR_FILE]: await editorTypes() },
    spec: parseConfig(config),
    notes: [
      ...standIns.flatMap(({ notes }) => notes),
      ...found
        .filter((one) => !usable.includes(one))
        .map(({ context }) => `${JSON.stringify(context)} was left out: a config takes no such path`),
      ...Object.entries(reasons)
        .filter(([, why]) => why.includes('is a guess'))
        .map(([name]) => `the port of ${name} is a guess: look at it`),
    ],
  };
}

/** Writes what is not there. Throws `config/exists` where a config came up meanwhile; an editor file that is there stays. Returns the paths written. */
export async function write(plan: InitPlan): Promise<readonly string[]> {
  const written: string[] = [];
  for (const [name, content] of Object.entries(plan.files)) {
    try {
      await writeFile(join(plan.directory, name), content, { flag: 'wx' });
      written.push(name);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      if (name === CONFIG_FILE) throw existing(plan.directory);
    }
  }
  return written;
}

function existing(folder: string): AntlerError {
  return new AntlerError('config/exists', `Cannot write ${CONFIG_FILE} as ${folder} has one`);
}

/** By folder; where two are called the same, with the folder above; at the root like the app. */
function serviceNames(found: readonly Found[], app: string): readonly string[] {
  const taken = new Set<string>();
  return found.map((one) => {
    const own = one.context === '.' ? one.dockerfile.split('/').slice(0, -1) : one.context.split('/');
    const candidates = [
      own.at(-1) ?? app,
      own.slice(-2).join('-'),
      ...Array.from({ length: 99 }, (_none, index) => `${own.at(-1) ?? app}-${index + 2}`),
    ];
    const name =
      candidates.map((candidate) => toName(candidate, 'web')).find((candidate) => candidate !== 'localhost' && !taken.has(candidate)) ??
      app;
    taken.add(name);
    return name;
  });
}

function toName(text: string, fallback: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  return plain === '' ? fallback : plain;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
