/** `monitors`, `alerts` and `console` of the checked config, resolved. Pure. */

import { parseDuration } from '../kit/units.ts';
import type { ParsedConfig } from './schema.ts';
import type { MonitorSpec, WatchSpec } from './types.ts';

type ParsedMonitor = ParsedConfig['monitors'][string];

export function toWatch({ monitors, alerts, console }: Pick<ParsedConfig, 'monitors' | 'alerts' | 'console'>): WatchSpec {
  return {
    monitors: Object.entries(monitors).map(([name, monitor]) => toMonitor(name, monitor)),
    webhooks: Object.entries(alerts.webhooks).map(([name, { url, secret, headers, body }]) => ({
      name,
      ...(url === undefined ? {} : { url }),
      ...(secret === undefined ? {} : { secret }),
      headers,
      ...(body === undefined ? {} : { body }),
    })),
    commands: Object.entries(alerts.commands).map(([name, argv]) => ({ name, argv })),
    ...(alerts.repeat === undefined ? {} : { repeatMs: milliseconds(alerts.repeat) }),
    console,
  };
}

function toMonitor(name: string, monitor: ParsedMonitor): MonitorSpec {
  const base = { name, intervalMs: milliseconds(monitor.interval), timeoutMs: milliseconds(monitor.timeout) };
  if ('http' in monitor) {
    return {
      ...base,
      kind: 'http',
      url: monitor.http,
      status: monitor.status.map((one) => toRange(one)),
      ...(monitor.body === undefined ? {} : { body: monitor.body }),
      ...(monitor.json === undefined
        ? {}
        : { json: Object.fromEntries(Object.entries(monitor.json).map(([path, value]) => [path, String(value)])) }),
      headers: monitor.headers,
      lateMs: monitor.late === undefined ? base.timeoutMs / 2 : milliseconds(monitor.late),
    };
  }
  if ('tcp' in monitor) return { ...base, kind: 'tcp', ...toPlace(monitor.tcp) };
  if ('tls' in monitor) return { ...base, kind: 'tls', ...toPlace(monitor.tls), days: monitor.days };
  const { dns, type, expect, server } = monitor;
  return {
    ...base,
    kind: 'dns',
    host: dns,
    type,
    ...(expect === undefined ? {} : { expect }),
    ...(server === undefined ? {} : { server }),
  };
}

function toRange(status: number | string): readonly [number, number] {
  if (typeof status === 'number') return [status, status];
  const [low, high] = status.split('-').map(Number);
  return [low ?? 0, high ?? 0];
}

function toPlace(place: string): { readonly host: string; readonly port: number } {
  const at = place.lastIndexOf(':');
  return { host: place.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(place.slice(at + 1)) };
}

/** The schema has checked it. */
function milliseconds(duration: string): number {
  return parseDuration(duration) ?? 0;
}
