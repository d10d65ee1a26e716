/** Lines of ours in a file of authorized keys: lines in, lines out; what others wrote stays to the last byte. Pure. */

import { AntlerError } from '../kit/errors.ts';

export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `sk-ssh-ed25519@openssh.com`, … */
  readonly type: string;
  readonly base64: string;
}

export interface OwnKey extends PublicKey {
  readonly name: string;
}

export interface Place {
  /** `<home>/program/current/antler`. */
  readonly program: string;
  readonly home: string;
}

const TYPES = /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** One line of a `.pub` file. Throws `repos/key` for options in front, several lines, private keys, damaged ones. */
export function readKey(text: string): PublicKey {
  const line = text.replace(/\r?\n$/, '');
  const refuse = (why: string): never => {
    throw new AntlerError('repos/key', `Cannot take this key as ${why}`);
  };
  if (/PRIVATE KEY/.test(text)) return refuse('it is a private one: hand in the file that ends in .pub');
  if (/[\r\n]/.test(line)) return refuse('it has more than one line');
  const [type = '', base64 = ''] = line.trim().split(/[ \t]+/);
  if (!TYPES.test(type)) return refuse('it does not begin with the type of a public key: nothing may stand in front of it');
  const bytes = Buffer.from(base64, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || bytes.toString('base64') !== base64) return refuse('its second word is not whole');
  if (partsOf(bytes) === undefined || bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString() !== type)
    return refuse(`its second word is no ${type} key`);
  return { type, base64 };
}

/** How many fields the key has; undefined where they do not fill it exactly. */
function partsOf(bytes: Buffer): number | undefined {
  let parts = 0;
  let at = 0;
  for (; at + 4 <= bytes.length; parts++) at += 4 + bytes.readUInt32BE(at);
  return at === bytes.length && parts > 1 ? parts : undefined;
}

/** The file with the key of this name; a key that we have under the same name is replaced. Throws `repos/key`. */
export function addKey(file: string, key: OwnKey, place: Place): string {
  if (!NAME.test(key.name))
    throw new AntlerError('repos/key', `Cannot call a key ${JSON.stringify(key.name.slice(0, 80))}: letters, digits, ., _ and - only`);
  if (/\p{Cc}/u.test(place.home + place.program))
    throw new AntlerError('repos/key', 'Cannot write the home into a line of a file as there is a control character in its path');
  const other = keysOf(file, place).find(({ name, base64 }) => base64 === key.base64 && name !== key.name);
  if (other !== undefined) throw new AntlerError('repos/key', `Cannot add the key as it is there already, as ${other.name}`);
  const line = `restrict,command="${commandOf(place)}" ${key.type} ${key.base64} antler:${key.name}`;
  const lines = linesOf(file);
  const at = lines.findIndex((each) => ownKey(each, place)?.name === key.name);
  if (at === -1) return `${file}${file === '' || file.endsWith('\n') ? '' : '\n'}${line}\n`;
  return lines.map((each, index) => (index === at ? `${line}\n` : each)).join('');
}

/** Undefined where there is no such key of ours. */
export function removeKey(file: string, name: string, place: Place): string | undefined {
  const lines = linesOf(file);
  const left = lines.filter((line) => ownKey(line, place)?.name !== name);
  return left.length === lines.length ? undefined : left.join('');
}

/** Keys of this instance; another one of the same account has its own. */
export function keysOf(file: string, place: Place): readonly OwnKey[] {
  return linesOf(file).flatMap((line) => ownKey(line, place) ?? []);
}

function ownKey(line: string, place: Place): OwnKey | undefined {
  const before = `restrict,command="${commandOf(place)}" `;
  if (!line.startsWith(before)) return undefined;
  const [, type = '', base64 = '', name = ''] = /^(\S+) (\S+) antler:(\S+)\s*$/.exec(line.slice(before.length)) ?? [];
  return name === '' ? undefined : { name, type, base64 };
}

/** With their line ends: joined they are the file again. */
function linesOf(file: string): readonly string[] {
  return file.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A word for the shell within a word for sshd, which ends at a quote unless a backslash stands before it. */
function commandOf({ program, home }: Place): string {
  const word = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  return `${word(program)} ssh-serve --home ${word(home)}`.replaceAll('"', '\\"');
}
