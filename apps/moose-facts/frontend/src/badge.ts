/** The words of the badge: which environment and which version this page talks to. */

import type { Identity } from './api.ts';

export interface Badge {
  readonly environment: string;
  /** `r42`; nothing outside of the platform. */
  readonly release: string;
  /** Seven digits are enough to recognise a commit. */
  readonly commit: string;
  /** For those who hear the page. */
  readonly spoken: string;
}

const NAMES: Readonly<Record<string, string>> = { dev: 'development', stg: 'staging', prod: 'production' };

export function badgeOf({ environment, release, commit }: Identity): Badge {
  const name = NAMES[environment] ?? environment;
  const id = release === 'none' ? '' : release;
  return {
    environment: name,
    release: id,
    commit: commit === 'none' ? '' : commit.replace(/^content:(sha256:)?/, '').slice(0, 7),
    spoken: id === '' ? `This page talks to ${name}` : `This page talks to ${name}, release ${id}`,
  };
}
