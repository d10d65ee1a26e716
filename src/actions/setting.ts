/** What a secret or a variable may be called, and what it may hold: GitHub's rules. Pure. */

import { AntlerError } from '../kit/errors.ts';

export type SettingKind = 'secret' | 'variable';

/** As GitHub has it. */
const LARGEST = 48 * 1024;
const LONGEST_NAME = 100;
/** What the runner sets itself. */
const RESERVED = ['GITHUB_', 'ANTLER_'];

/** The name as it is kept: in capitals, since workflows may write it either way. Throws `actions/setting-name`. */
export function settingName(kind: SettingKind, name: string): string {
  const refuse = (why: string, hint?: string): never => {
    throw new AntlerError('actions/setting-name', `Cannot name a ${kind} so as ${why}`, hint === undefined ? {} : { hint });
  };
  if (name === '') refuse('the name is empty');
  const wrong = /[^A-Za-z0-9_]/u.exec(name);
  // `NAME=VALUE` may have been typed: only what stands before the first wrong sign is repeated.
  if (wrong !== null) {
    const value = wrong[0] === '=' ? `The value is no part of the name: type \`antler ${kind}s set NAME --help\`` : undefined;
    refuse(`${JSON.stringify(wrong[0])} stands after ${JSON.stringify(name.slice(0, wrong.index))}`, value);
  }
  if (name.length > LONGEST_NAME) refuse(`it has ${name.length} signs, and ${LONGEST_NAME} are the most`);
  const kept = name.toUpperCase();
  if (/^\d/.test(kept)) refuse(`${kept} begins with a digit`);
  for (const prefix of RESERVED) if (kept.startsWith(prefix)) refuse(`${kept} begins with ${prefix}, which the runner keeps for itself`);
  return kept;
}

/** Throws `actions/setting-value`; the error never repeats what it refuses. */
export function checkValue(kind: SettingKind, name: string, value: string): void {
  const refuse = (why: string): never => {
    throw new AntlerError('actions/setting-value', `Cannot keep the ${kind} ${name} as ${why}`);
  };
  if (value === '') refuse('its value is empty');
  if (!value.isWellFormed() || value.includes('\0')) refuse('its value is no text: hand in base64 and decode it in the job');
  const size = Buffer.byteLength(value);
  if (size > LARGEST) refuse(`its value has ${size} bytes, and ${LARGEST} are the most`);
}
