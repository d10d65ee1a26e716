/** Who may look: one-time links and the sessions that come of them. Nothing that would sign anybody in is kept as it is. */

import { createHash, randomBytes } from 'node:crypto';

import type { Clock } from '../../kit/clock.ts';
import type { Platform } from '../../store/store.ts';

export const LINK_MS = 10 * 60_000;
export const SESSION_MS = 7 * 24 * 3_600_000;
/** Wrong tokens that one address may try in a minute. */
export const TRIES = 10;
const MINUTE_MS = 60_000;
/** A session that is used is written down once an hour, for the sake of SD cards. */
const TOUCH_MS = 3_600_000;
/** Addresses whose tries are remembered at a time. */
const REMEMBERED = 1000;

export interface Guest {
  readonly actor: string;
  readonly expiresAt: number;
}

/**
 * Two halves, as cookies know no port: an application on another port of this host is sent the cookie by the browser. The key stays with the console's own
 * origin, and no request for data is answered without it.
 */
export interface Session extends Guest {
  readonly cookie: string;
  readonly key: string;
}

export interface SignIn {
  /** A token that works once. */
  link(actor: string): { readonly token: string; readonly expiresAt: number };
  redeem(token: string, address: string): Session | 'refused' | 'too-many';
  /** Who has the cookie: may have the page, which says nothing. */
  visitor(cookie: string): Guest | undefined;
  /** Who has both halves: may have data. */
  guest(cookie: string, key: string): Guest | undefined;
  out(cookie: string, key: string): void;
}

export interface SignInOptions {
  readonly sessions: Platform['sessions'];
  readonly clock: Clock;
}

export function createSignIn({ sessions, clock }: SignInOptions): SignIn {
  const links = new Map<string, Guest>();
  const tries = createTries(clock);
  const get = (hash: string): Guest | undefined => {
    const now = clock.now();
    const row = sessions.get(hash, now);
    if (row === undefined) return undefined;
    if (now - row.usedAt > TOUCH_MS) sessions.touch(hash, now);
    return row;
  };
  return {
    link(actor) {
      const now = clock.now();
      for (const [hash, { expiresAt }] of links) if (expiresAt <= now) links.delete(hash);
      const token = secret();
      const expiresAt = now + LINK_MS;
      links.set(hashOf('link', token), { actor, expiresAt });
      return { token, expiresAt };
    },
    redeem(token, address) {
      if (tries.left(address) === 0) return 'too-many';
      const now = clock.now();
      const hash = hashOf('link', token);
      const link = links.get(hash);
      links.delete(hash);
      if (link === undefined || link.expiresAt <= now) {
        tries.failed(address);
        return 'refused';
      }
      sessions.sweep(now);
      const [cookie, key] = [secret(), secret()];
      const row = { actor: link.actor, createdAt: now, usedAt: now, expiresAt: now + SESSION_MS };
      for (const tokenHash of [hashOf('page', cookie), hashOf('data', cookie, key)]) sessions.add({ ...row, tokenHash });
      return { cookie, key, actor: row.actor, expiresAt: row.expiresAt };
    },
    visitor: (cookie) => get(hashOf('page', cookie)),
    guest: (cookie, key) => get(hashOf('data', cookie, key)),
    out(cookie, key) {
      for (const hash of [hashOf('page', cookie), hashOf('data', cookie, key)]) sessions.remove(hash);
    },
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

/** Nobody guesses 256 bits; this is for the log and the processor of a machine on a network with bad manners. */
function createTries(clock: Clock): { left(address: string): number; failed(address: string): void } {
  const seen = new Map<string, { readonly from: number; readonly count: number }>();
  const current = (address: string): { readonly from: number; readonly count: number } => {
    const found = seen.get(address);
    const now = clock.now();
    return found === undefined || now - found.from >= MINUTE_MS ? { from: now, count: 0 } : found;
  };
  return {
    left: (address) => Math.max(0, TRIES - current(address).count),
    failed(address) {
      const { from, count } = current(address);
      seen.delete(address);
      seen.set(address, { from, count: count + 1 });
      for (const oldest of seen.keys()) {
        if (seen.size <= REMEMBERED) break;
        seen.delete(oldest);
      }
    },
  };
}
