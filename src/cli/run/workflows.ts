/** Which workflow files `antler run` means, read and judged; every problem of all of them at once. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

import { readWorkflow, type Workflow } from '../../actions/local/local.ts';
import { AntlerError } from '../../kit/errors.ts';
import { nearest } from '../../kit/nearest.ts';
import { cacheFolder } from '../cache.ts';

const FOLDER = '.github/workflows';

export interface Chosen {
  readonly workflows: readonly Workflow[];
  /** Somebody named it. */
  readonly named: boolean;
}

export interface Wanted {
  readonly root: string;
  readonly cwd: string;
  /** A path, a file's name with or without its ending, or the workflow's own name. */
  readonly word: string | undefined;
}

/** Throws `actions/invalid` with every problem, `actions/no-workflow` where there is none. */
export async function chooseWorkflows({ root, cwd, word }: Wanted): Promise<Chosen> {
  const files = listFiles(root);
  const path = word === undefined ? undefined : fileOf({ root, cwd, word }, files);
  const keep = cacheFolder('workflows');
  const options = keep === undefined ? {} : { keep };
  const read = await Promise.all(
    (path === undefined ? files : [path]).map(async (file) => readWorkflow(file, readFileSync(resolve(root, file), 'utf8'), options)),
  );
  const problems = read.flatMap((one) => (one.kind === 'problems' ? one.problems : []));
  const workflows = read.flatMap((one) => (one.kind === 'workflow' ? [one.workflow] : []));
  if (word !== undefined && path === undefined) {
    const byName = workflows.filter(({ name }) => name.toLowerCase() === word.toLowerCase());
    if (byName.length > 0) return { workflows: byName, named: true };
    if (problems.length === 0)
      throw unknown(word, [
        ...new Set([
          ...files.map((file) => basename(file).replace(/\.ya?ml$/, '')),
          ...workflows.filter(({ name, path }) => name !== path).map(({ name }) => name),
        ]),
      ]);
  }
  if (problems.length > 0) {
    throw new AntlerError(
      'actions/invalid',
      `Cannot run ${path ?? 'the workflows'} as ${problems.length === 1 ? 'it has a problem' : `there are ${problems.length} problems`}`,
      { problems },
    );
  }
  if (workflows.length === 0) throw new AntlerError('actions/no-workflow', `Cannot run as there is no workflow in ${join(root, FOLDER)}`);
  return { workflows, named: word !== undefined };
}

function listFiles(root: string): readonly string[] {
  const folder = join(root, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => `${FOLDER}/${name}`);
}

/** Relative to the root. */
function fileOf({ root, cwd, word }: Wanted & { readonly word: string }, files: readonly string[]): string | undefined {
  const known = files.find((file) => [file, basename(file), basename(file).replace(/\.ya?ml$/, '')].includes(word));
  if (known !== undefined) return known;
  return [resolve(cwd, word), resolve(root, word)]
    .filter((path) => /\.ya?ml$/.test(path) && existsSync(path))
    .map((path) => relative(root, path))[0];
}

function unknown(word: string, known: readonly string[]): AntlerError {
  const near = nearest(word, known);
  return new AntlerError('cli/usage', `Cannot run \`${word}\` as there is no such workflow`, {
    hint: near === undefined ? `There are: ${known.join(', ')}` : `Did you mean \`${near}\`?`,
  });
}
