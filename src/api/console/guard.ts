/** What the console's door refuses before anybody looks at the request: other names for this host, other pages that ask. Pure. */

import { isIP } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Refusal {
  readonly status: 403 | 415 | 421;
  readonly message: string;
}

/**
 * A page of an attacker may name a host of its own and let that name lead here (DNS rebinding): names count only where they are this machine's. An address
 * cannot be made to lead elsewhere.
 */
export function guard({ method, headers }: Asked, names: ReadonlySet<string>): Refusal | undefined {
  const host = one(headers['host']);
  const name = host === undefined ? undefined : hostOf(host);
  if (host === undefined || name === undefined || !(isIP(name) !== 0 || names.has(name))) {
    return { status: 421, message: 'Cannot answer as this machine has no such name; use its address' };
  }
  const site = one(headers['sec-fetch-site']);
  if (method === 'GET' || method === 'HEAD') {
    // A link from elsewhere may open the page; nothing from elsewhere may load a part of it.
    const opens = one(headers['sec-fetch-mode']) === 'navigate' && one(headers['sec-fetch-dest']) === 'document';
    if (site === undefined || site === 'same-origin' || site === 'none' || opens) return undefined;
    return { status: 403, message: 'Cannot answer as another site asks' };
  }
  const origin = one(headers['origin']);
  if (origin !== `http://${host}` && origin !== `https://${host}`) {
    return { status: 403, message: 'Cannot change anything as another site asks' };
  }
  if (site !== undefined && site !== 'same-origin') return { status: 403, message: 'Cannot change anything as another site asks' };
  const type = one(headers['content-type']);
  const empty = one(headers['content-length']) === '0' || (type === undefined && headers['transfer-encoding'] === undefined);
  if (!empty && !/^application\/json(?:;|$)/i.test(type ?? '')) return { status: 415, message: 'Cannot read the body as it is not JSON' };
  return undefined;
}

/** Of several values none counts. */
function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The host of a Host header without its port, in small letters; undefined where it is none. */
function hostOf(host: string): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(host);
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}
