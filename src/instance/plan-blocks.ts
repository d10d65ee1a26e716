/** Which block of addresses, host ids and port a new instance takes: free of everything that the machine has. Pure. */

import { AntlerError } from '../kit/errors.ts';
import { toNumber } from './listen.ts';
import type { Ledger, Reservation } from './types.ts';

/** One route of the machine, from any table. */
export interface HostRoute {
  /** `10.89.0.0/16`; a bare address is a /32. */
  readonly subnet: string;
  /** Goes through a gateway: such a wide route (a company's 10.0.0.0/8) loses to our narrower ones. */
  readonly gateway: boolean;
}

/** 65,536 host ids for builds and for each of 90 environments, rounded up. */
export const ID_RANGE = 65_536;
export const IDS_PER_INSTANCE = 96 * ID_RANGE;

/** Above what useradd, systemd-nspawn and dynamic users take, below systemd's foreign range and the sign bit. */
const FIRST_ID = 0x7000_0000;
const LAST_ID = 0x7ffd_ffff;

/** Podman's `--userns=auto` (jobs): above what useradd hands out (SUB_UID_MAX 600,100,000). */
const FIRST_AUTO_ID = 0x4000_0000;
const AUTO_IDS = 1024 * ID_RANGE;

/** A line of /etc/subuid or /etc/subgid. */
export interface IdLine {
  readonly user: string;
  readonly start: number;
  readonly count: number;
}

/** The second octet of a free 10.x.0.0/16; `id` decides where to begin, so that one home tends to get one block. Throws `instance/no-free-block`. */
export function chooseBlock(id: string, routes: readonly HostRoute[], ledger: Ledger): number {
  const taken = new Set(reserved(ledger, 'address-block').map((what) => what.block));
  const near = routes.filter((route) => !isDefault(route.subnet));
  const strict = candidates(id).find((block) => !taken.has(block) && !near.some((route) => touches(route.subnet, block)));
  if (strict !== undefined) return strict;
  const narrow = near.filter((route) => !(route.gateway && bitsOf(route.subnet) < 16));
  const loose = candidates(id).find((block) => !taken.has(block) && !narrow.some((route) => touches(route.subnet, block)));
  if (loose !== undefined) return loose;
  throw new AntlerError(
    'instance/no-free-block',
    `Cannot choose a block of addresses as every 10.x.0.0/16 is taken: ${near.length} routes`,
  );
}

/** 10.11 to 10.86: below Podman's own pool (10.88 and up) and away from what clusters like (10.0, 10.42, 10.43, 10.96, 10.244). */
function candidates(id: string): readonly number[] {
  const all = Array.from({ length: 76 }, (_, n) => 11 + n).filter((block) => block !== 42 && block !== 43);
  const from = Number.parseInt(id, 16) % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}

/** First host id of the instance's own range. Throws `instance/no-free-block`. */
export function chooseIdBlock(ledger: Ledger, lines: readonly IdLine[]): number {
  const taken: readonly { readonly start: number; readonly count: number }[] = [...reserved(ledger, 'id-block'), ...lines];
  for (let start = FIRST_ID; start + IDS_PER_INSTANCE - 1 <= LAST_ID; start += IDS_PER_INSTANCE) {
    if (!taken.some((range) => overlap(range, { start, count: IDS_PER_INSTANCE }))) return start;
  }
  throw new AntlerError('instance/no-free-block', 'Cannot choose a range of host ids as all are taken by instances and /etc/subuid');
}

/** The `containers` line for `--userns=auto`: the one that is there, else a free one. */
export function chooseAutoRange(ledger: Ledger, lines: readonly IdLine[]): IdLine {
  const there = lines.find((line) => line.user === 'containers');
  if (there !== undefined) return there;
  const taken: readonly { readonly start: number; readonly count: number }[] = [...reserved(ledger, 'id-block'), ...lines];
  for (let start = FIRST_AUTO_ID; start + AUTO_IDS <= FIRST_ID; start += AUTO_IDS) {
    if (!taken.some((range) => overlap(range, { start, count: AUTO_IDS }))) return { user: 'containers', start, count: AUTO_IDS };
  }
  throw new AntlerError('instance/no-free-block', 'Cannot choose a range of host ids for `containers` as all are taken in /etc/subuid');
}

/** A free port from `wanted` upwards, clear of other instances' and of what listens now. */
export function choosePort(wanted: number, ledger: Ledger, listening: ReadonlySet<number>): number {
  const taken = new Set(reserved(ledger, 'port').map((what) => what.port));
  let port = wanted;
  while (taken.has(port) || listening.has(port)) port += 1;
  return port;
}

function reserved<K extends Reservation['kind']>(ledger: Ledger, kind: K): readonly Extract<Reservation, { kind: K }>[] {
  return Object.values(ledger.entries).flatMap((entry) =>
    entry.kind === 'reservation' && entry.what.kind === kind ? [entry.what as Extract<Reservation, { kind: K }>] : [],
  );
}

function overlap(a: { readonly start: number; readonly count: number }, b: { readonly start: number; readonly count: number }): boolean {
  return a.start < b.start + b.count && b.start < a.start + a.count;
}

function isDefault(subnet: string): boolean {
  return subnet === 'default' || subnet === '0.0.0.0/0' || subnet.includes(':');
}

function bitsOf(subnet: string): number {
  return subnet.includes('/') ? Number(subnet.split('/')[1]) : 32;
}

function touches(subnet: string, block: number): boolean {
  const bits = Math.min(bitsOf(subnet), 16);
  const shift = 2 ** (32 - bits);
  return Math.floor(toNumber(subnet.split('/')[0] ?? '') / shift) === Math.floor(toNumber(`10.${block}.0.0`) / shift);
}
