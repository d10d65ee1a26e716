/** Does a name have the records that are expected? */

import type { promises as dns } from 'node:dns';
import process from 'node:process';

import { errnoOf } from '../../kit/errors.ts';
import type { ProbeSpec } from '../types.ts';
import { answered, failed, silent, unresolved, type Look } from './look.ts';
import type { LookOptions } from './tcp.ts';

type DnsProbe = Extract<ProbeSpec, { kind: 'dns' }>;

/** What a resolver of ours says when it is broken; of a server that the monitor names it is the answer. */
const SILENT = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED', 'ENETUNREACH', 'EHOSTUNREACH']);
const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name',
  ENODATA: 'no such record',
  ESERVFAIL: 'the server failed',
  EREFUSED: 'the server refuses',
  ECONNREFUSED: 'the server is not there',
  ETIMEOUT: 'the server does not answer',
};

export async function lookDns(probe: DnsProbe, { target, signal }: LookOptions): Promise<Look> {
  const { promises } = process.getBuiltinModule('node:dns'); // loaded by who has such a monitor
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const resolver = new promises.Resolver({ timeout: target.timeoutMs, tries: 1 });
  const stop = (): void => resolver.cancel();
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(stop, target.timeoutMs);
  try {
    if (probe.server !== undefined) resolver.setServers([probe.server]);
    const records = await ask(resolver, probe);
    return judge(probe, records, answered(elapsed(), { lateMs: target.lateMs, detail: records.slice(0, 3).join(', ') }));
  } catch (error) {
    return explain(error, probe, { ms: elapsed(), timeoutMs: target.timeoutMs });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function ask(resolver: dns.Resolver, { name, type }: DnsProbe): Promise<readonly string[]> {
  switch (type) {
    case 'A':
      return resolver.resolve4(name);
    case 'AAAA':
      return resolver.resolve6(name);
    case 'CNAME':
      return resolver.resolveCname(name);
    case 'NS':
      return resolver.resolveNs(name);
    case 'MX':
      return (await resolver.resolveMx(name)).map(({ exchange }) => exchange);
    case 'TXT':
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    default:
      return type satisfies never;
  }
}

function judge({ expect, type }: DnsProbe, records: readonly string[], look: Look): Look {
  const same = (record: string): boolean => (type === 'TXT' ? record === expect : plain(record) === plain(expect ?? ''));
  if (expect === undefined || records.some(same)) return look;
  return { ...look, outcome: 'bad', detail: `is ${records.slice(0, 3).join(', ')}, not ${expect}` };
}

/** Names are the same in any case, with or without the last dot. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function explain(error: unknown, probe: DnsProbe, time: { readonly ms: number; readonly timeoutMs: number }): Look {
  const code = errnoOf(error) ?? '';
  if (probe.server === undefined && SILENT.has(code)) return unresolved(time.ms);
  if (code === 'ECANCELLED') return silent(time.timeoutMs, time.ms);
  const detail = WORDS[code];
  return detail === undefined ? failed(error, time.ms) : { outcome: 'bad', ms: time.ms, detail };
}
