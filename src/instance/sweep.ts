/** Removes what an instance left in the engine, by label and name, through the engine's program: no daemon and no socket is needed. */

import { exec } from '../kit/exec.ts';
import { hasCode, isAbort } from '../kit/errors.ts';
import { sleep } from '../kit/wait.ts';
import { prefixOf } from './paths.ts';

const REMOVE_TRIES = 6;
/** Milliseconds after the first try; more after each. */
const REMOVE_EVERY = 300;

/** Standard output's lines; none where the engine is not installed: then nothing of it is there. */
async function podman(args: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const argv: readonly [string, ...string[]] = ['podman', ...args];
  try {
    const { stdout } = await exec(argv, { signal });
    return stdout.split('\n').filter((line) => line !== '');
  } catch (error) {
    if (hasCode(error, 'kit/exec-missing')) return [];
    throw error;
  }
}

/** The app's containers, the builder, and probes that were cut short. */
export async function removeContainers(id: string, signal: AbortSignal): Promise<void> {
  const find = async (): Promise<readonly string[]> => {
    const found = await Promise.all(
      ['antler.instance', 'antler.builder', 'antler.probe'].map((label) =>
        podman(['ps', '--all', '--quiet', '--filter', `label=${label}=${id}`], signal),
      ),
    );
    return found.flat();
  };
  for (let tries = 1; ; tries += 1) {
    const there = await find();
    if (there.length === 0 || tries > REMOVE_TRIES) return;
    try {
      await podman(['rm', '--force', '--time', '2', '--ignore', ...there], signal);
    } catch (error) {
      if (tries === REMOVE_TRIES || isAbort(error)) throw error;
      await sleep(REMOVE_EVERY * tries, signal); // right after a kill a removal may find its memory file system busy, on a busy machine for seconds
    }
  }
}

export async function removeNetworks(id: string, signal: AbortSignal): Promise<void> {
  const names = await podman(['network', 'ls', '--format', '{{.Name}}'], signal);
  const ours = names.filter((name) => isNamedAfter(name, id));
  if (ours.length > 0) await podman(['network', 'rm', '--force', ...ours], signal);
}

export async function removeVolumes(id: string, signal: AbortSignal): Promise<void> {
  const names = await podman(['volume', 'ls', '--format', '{{.Name}}'], signal);
  const ours = names.filter((name) => isNamedAfter(name, id));
  if (ours.length > 0) await podman(['volume', 'rm', '--force', ...ours], signal);
}

/** `antler-<id>-prod`, `antler-<id>.build`: never another instance's, nor anybody else's. */
export function isNamedAfter(name: string, id: string): boolean {
  const prefix = prefixOf(id);
  return name === prefix || name.startsWith(`${prefix}-`) || name.startsWith(`${prefix}.`);
}

/**
 * Images that were pulled from this instance's registry, by name and never by force: the same image may have another instance's name too,
 * whose containers a forced removal would take along.
 */
export async function removeImages(registryPort: number, signal: AbortSignal): Promise<void> {
  const lines = await podman(['images', '--all', '--digests', '--format', '{{.Repository}}@{{.Digest}}'], signal);
  const ours = [...new Set(lines.filter((line) => line.startsWith(`127.0.0.1:${registryPort}/`)))];
  if (ours.length > 0) await podman(['rmi', ...ours], signal);
}

/** Virtual addresses of a block that are on the loopback interface now. */
export async function instanceAddresses(block: number, signal: AbortSignal): Promise<readonly string[]> {
  const { stdout } = await exec(['ip', '-4', '-json', 'address', 'show', 'dev', 'lo'], { signal });
  const [lo] = JSON.parse(stdout) as readonly { readonly addr_info: readonly { readonly local: string }[] }[];
  return (lo?.addr_info ?? []).map(({ local }) => local).filter((address) => address.startsWith(`10.${block}.`));
}
