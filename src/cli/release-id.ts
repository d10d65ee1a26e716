/** Release ids as they are typed. */

import { AntlerError } from '../kit/errors.ts';

/** The id as it is; refused before anybody is asked where it cannot be one. Throws `releases/unknown-release`. */
export function releaseId(typed: string): string {
  if (/^r[1-9]\d{0,8}$/.test(typed)) return typed;
  const shown = JSON.stringify(typed.length > 40 ? `${typed.slice(0, 40)}…` : typed);
  throw new AntlerError('releases/unknown-release', `Cannot find the release ${shown} as ids read r1, r2, …`);
}
