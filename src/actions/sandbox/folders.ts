/**
 * One job's folders on the machine. The job's root owns what is inside them, never the folder that holds the runner's own files: what we write there cannot be
 * led elsewhere by a link, and what lies in the others is opened step by step, following none.
 */

import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, constants, fstatSync, openSync, readdirSync, realpathSync } from 'node:fs';
import { chown, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { AntlerError } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import type { SandboxPaths } from '../types.ts';

/** As a job sees them. */
export const INSIDE: SandboxPaths & { readonly home: string } = {
  workspace: '/workspace',
  temp: '/runner/temp',
  toolCache: '/runner/tools',
  runner: '/runner/files',
  home: '/runner/home',
};

const NAMES = { workspace: 'workspace', temp: 'temp', toolCache: 'tools', runner: 'files', home: 'home' } as const;
/** Opens the thing itself, whatever it is, without reading it: Linux's O_PATH, which Node does not name. */
const O_PATH = 0x20_0000;
/** Files in a folder that are handed over without another program's help. */
const FEW = 50;

export interface JobFolders extends AsyncDisposable {
  /** The folder that holds the others. */
  readonly root: string;
  readonly mounts: readonly { readonly source: string; readonly path: string; readonly readOnly: boolean }[];
  /** Absolute, where a path within lies on the machine. Throws `actions/outside` where a link leads out of the job's folders. */
  toHost(path: string): string;
  /** Gives the job's root what it may write to. */
  own(idBase: number): Promise<void>;
  /** Of one file or folder with all in it. */
  handOver(hostPath: string, idBase: number, signal: AbortSignal): Promise<void>;
}

export async function makeFolders(parent: string, name: string): Promise<JobFolders> {
  const root = join(parent, `${name}-${randomBytes(3).toString('hex')}`);
  await mkdir(parent, { recursive: true, mode: 0o711 });
  await mkdir(root, { mode: 0o711 });
  const real = realpathSync(root);
  const at = (folder: keyof typeof NAMES): string => join(real, NAMES[folder]);
  for (const folder of Object.keys(NAMES) as (keyof typeof NAMES)[]) await mkdir(at(folder), { mode: 0o755 });
  await mkdir(join(real, 'reach'), { mode: 0o755 });

  return {
    root: real,
    mounts: (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((folder) => ({ source: at(folder), path: INSIDE[folder], readOnly: false })),
    toHost(path) {
      const folder = (Object.keys(NAMES) as (keyof typeof NAMES)[]).find(
        (each) => path === INSIDE[each] || path.startsWith(`${INSIDE[each]}/`),
      );
      const host = folder === undefined ? undefined : join(at(folder), relative(INSIDE[folder], path));
      if (folder !== undefined && host !== undefined && isWithin(at(folder), host) && isWithin(real, realOf(host))) return host;
      throw new AntlerError('actions/outside', `Cannot use ${path} as it does not lie in the job's folders`);
    },
    async own(idBase) {
      for (const folder of ['workspace', 'temp', 'toolCache', 'home'] as const) await chown(at(folder), idBase, idBase);
    },
    async handOver(hostPath, idBase, signal) {
      if (!isWithin(real, hostPath) || hostPath === real) {
        throw new AntlerError('actions/outside', `Cannot hand ${hostPath} over as it does not lie in the job's folders`);
      }
      if (hostPath === at('runner')) return; // ours; what lies in it is handed over piece by piece
      await handOverTree(real, { path: relative(real, hostPath), owner: idBase, signal });
    },
    async [Symbol.asyncDispose]() {
      await removeTree(real);
    },
  };
}

/** Whatever a job left there: names that are no text, folders without rights. */
export async function removeTree(path: string): Promise<void> {
  await exec(['rm', '-rf', '--one-file-system', '--', path], { signal: AbortSignal.timeout(600_000) });
}

/** What was left by a daemon that was killed. */
export async function emptyFolder(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) await removeTree(join(parent, name));
}

/** Opens component by component, so that no link counts, whoever puts it there meanwhile. */
async function handOverTree(
  root: string,
  what: { readonly path: string; readonly owner: number; readonly signal: AbortSignal },
): Promise<void> {
  const parts = what.path.split(sep);
  let held = openSync(root, O_PATH | constants.O_DIRECTORY);
  try {
    for (const part of parts) {
      const next = openSync(`/proc/self/fd/${held}/${part}`, O_PATH | constants.O_NOFOLLOW);
      closeSync(held);
      held = next;
    }
    const found = fstatSync(held);
    const self = `/proc/${process.pid}/fd/${held}`;
    if (found.isDirectory()) {
      if (giveFew(held, what.owner)) return;
      const owner = `${what.owner}:${what.owner}`;
      await exec(['chown', '--recursive', '--no-dereference', owner, '.'], { signal: what.signal, cwd: self });
    } else if (!found.isSymbolicLink()) await chown(self, what.owner, what.owner);
  } finally {
    closeSync(held);
  }
}

/** What a step gets is a folder with a few files: no program is started for it. False where it is more than that. */
function giveFew(folder: number, owner: number): boolean {
  const names = readdirSync(`/proc/self/fd/${folder}`);
  if (names.length > FEW) return false;
  for (const name of names) {
    const file = openSync(`/proc/self/fd/${folder}/${name}`, O_PATH | constants.O_NOFOLLOW);
    try {
      if (!fstatSync(file).isFile()) return false;
      chownSync(`/proc/self/fd/${file}`, owner, owner);
    } finally {
      closeSync(file);
    }
  }
  chownSync(`/proc/self/fd/${folder}`, owner, owner);
  return true;
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** With every link followed, as far as it is there. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realOf(parent), path.slice(parent.length));
  }
}
