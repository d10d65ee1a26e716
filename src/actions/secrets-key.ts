/** The key of an instance's secrets: an age identity (X25519) in a file of its own, made at first use. `age -d -i` reads the same file. */

import { chmod, readFile } from 'node:fs/promises';

import { isoTime, type Clock } from '../kit/clock.ts';
import { AntlerError, errnoOf } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { newIdentity } from './secrets-age.ts';

export interface SecretsKeyOptions {
  readonly file: string;
  readonly clock: Clock;
  /** Names of secrets that a key is there for: while there are any, no new key is made. */
  readonly sealed: () => readonly string[];
}

export interface SecretsKey {
  /** Read anew each time, so that what lies on the disk is what counts. Throws `actions/secrets-key`. */
  read(): Promise<string>;
  /** The same; makes it where there is neither a key nor a secret. */
  ensure(): Promise<string>;
}

export function createSecretsKey(options: SecretsKeyOptions): SecretsKey {
  let making: Promise<string> | undefined; // two first secrets at once get one key
  const ensure = async (): Promise<string> =>
    (await readKey(options.file)) ?? (options.sealed().length > 0 ? gone(options) : make(options));
  return {
    read: async () => (await readKey(options.file)) ?? gone(options),
    ensure: async () => {
      making ??= ensure().finally(() => {
        making = undefined;
      });
      return making;
    },
  };
}

/** Undefined: there is no file. */
async function readKey(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    await chmod(file, 0o600); // it may come from a backup, and the home lets everybody pass
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new AntlerError(
      'actions/secrets-key',
      `Cannot use the key of the secrets as ${file} cannot be read: ${errnoOf(error) ?? 'unknown'}`,
    );
  }
  const [identity, ...more] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (identity !== undefined && more.length === 0 && /^AGE-SECRET-KEY-1[0-9A-Z]{58}$/.test(identity)) return identity;
  throw new AntlerError('actions/secrets-key', `Cannot use the key of the secrets as ${file} holds no age identity`);
}

function gone({ file, sealed }: SecretsKeyOptions): never {
  const names = sealed();
  const which = names.length === 0 ? '' : ` while ${names.length === 1 ? 'a secret needs' : 'secrets need'} it: ${names.join(', ')}`;
  throw new AntlerError('actions/secrets-key', `Cannot use the key of the secrets as ${file} is missing${which}`);
}

async function make({ file, clock }: SecretsKeyOptions): Promise<string> {
  const { identity, recipient } = await newIdentity();
  const text = `# created: ${isoTime(clock.now())}\n# public key: ${recipient}\n${identity}\n`;
  try {
    await writeFileAtomic(file, text, { mode: 0o600 });
  } catch (error) {
    throw new AntlerError(
      'actions/secrets-key',
      `Cannot make a key for secrets as ${file} cannot be written: ${errnoOf(error) ?? 'unknown'}`,
      {
        hint: 'Type `antler doctor` (disk and permissions of the home)',
      },
    );
  }
  return identity;
}
