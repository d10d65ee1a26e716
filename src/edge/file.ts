/** HAProxy's file as a pure function of routes and servers; and back: comment lines carry both, so that the file is the only record. */

import { AntlerError } from '../kit/errors.ts';
import type { Route, Server } from './types.ts';

/** A server that serves, as the file carries it. */
export interface RecordedServer extends Server {
  readonly weight: number;
}

export interface EdgeFileOptions {
  readonly runtimeSocket: string;
  readonly ipv6: boolean;
  /** The account that workers run as; unset: the one that started HAProxy. */
  readonly user?: string;
  /** Connections at once; 4096 by default (about 8,300 open files). */
  readonly maxConnections?: number;
  /** Of the log ring, which holds what is logged while no daemon reads: 2 MiB (some 40,000 requests) by default. */
  readonly ringBytes?: number;
}

export interface EdgeRecord {
  readonly routes: readonly Route[];
  readonly servers: readonly RecordedServer[];
}

/** Requests that wait for a stop-first service are sent to this server: always refused, then tried again. */
export const HOLD = 'hold';

/** The map of health paths: a file beside HAProxy's own, and its name at run time. */
export const CHECKS = 'checks.map';

const CLOSE_SPREAD_MS = 10_000;
const ROUTE_MARK = '# route ';
const SERVER_MARK = '# server ';

/** `%ts` is what tells lost from aborted; the pid tells one worker's counters from another's; the last says whose check it was, `-` of anybody's request. */
export const LOG_FORMAT = '%pid %rt %b %s %ST %Ta %Tr %ts %[var(txn.probe)]';

/** The whole haproxy.cfg. */
export function edgeFile(routes: readonly Route[], servers: readonly RecordedServer[], options: EdgeFileOptions): string {
  const lines = [
    '# Written by Antler; changes made by hand are overwritten.',
    ...routes.map((route) => ROUTE_MARK + JSON.stringify(route)),
    ...servers.map((server) => SERVER_MARK + JSON.stringify(server)),
    '',
    ...globalLines(routes, options),
    '',
    ...routes.flatMap((route) => [...virtualFrontend(route), '', ...entryFrontend(route, routes, options), ...backend(route, servers), '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What a file written by `edgeFile` carries. */
export function readEdgeFile(text: string): EdgeRecord {
  const lines = text.split('\n');
  const marked = <T>(mark: string): T[] =>
    lines.filter((line) => line.startsWith(mark)).map((line) => JSON.parse(line.slice(mark.length)) as T);
  return { routes: marked<Route>(ROUTE_MARK), servers: marked<RecordedServer>(SERVER_MARK) };
}

/** What HAProxy reads of it: the same lines need no reload. */
export function withoutRecord(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
}

/** The backend's name in HAProxy: `dev:backend`. */
export function backendName(route: Pick<Route, 'environment' | 'service'>): string {
  return `${word(route.environment)}:${word(route.service)}`;
}

/** What follows the server's name in the file, and in `add server` at run time. */
export function serverWords(server: Pick<Server, 'name' | 'address' | 'port'>, route: Route, weight: number): string {
  const where = `${word(server.address)}:${server.port}`;
  if (server.name === HOLD) return `${where} weight ${weight}`;
  const fast = Math.min(200, route.health.intervalMs);
  const check = `check inter ${route.health.intervalMs}ms fastinter ${fast}ms downinter ${fast}ms rise 2 fall 3`;
  // An idle connection that the app closes just as a request is written loses that request: give them back before apps do.
  return `${where} ${check} pool-purge-delay 500ms weight ${weight}`;
}

function globalLines(routes: readonly Route[], options: EdgeFileOptions): string[] {
  const longest = Math.max(CLOSE_SPREAD_MS + 5000, ...routes.map((route) => route.drainMs));
  return [
    'global',
    '  default-path config', // the map lies beside this file
    `  stats socket ${quote(options.runtimeSocket)} mode 600 level admin expose-fd listeners`,
    '  stats timeout 1h', // the ring is read through this socket
    `  maxconn ${options.maxConnections ?? 4096}`,
    `  hard-stop-after ${longest}ms`,
    `  close-spread-time ${CLOSE_SPREAD_MS}ms`,
    '  log ring@requests len 1024 format raw local0',
    ...(options.user === undefined ? [] : [`  user ${word(options.user)}`, `  group ${word(options.user)}`]),
    '',
    'ring requests',
    '  format raw',
    '  maxlen 1100',
    `  size ${options.ringBytes ?? 2_097_152}`,
    '',
    'defaults',
    '  mode http',
    '  log global',
    `  log-format "${LOG_FORMAT}"`,
    '  option http-ignore-probes',
    '  option redispatch 1',
    '  retries 2',
    '  retry-on conn-failure',
    '  balance roundrobin',
    '  timeout connect 3s',
    '  timeout client 75s',
    '  timeout server 75s',
    '  timeout queue 30s',
    '  timeout http-request 30s',
    '  timeout http-keep-alive 90s',
    '  timeout client-fin 10s',
    '  timeout tunnel 1h',
    ...[400, 408, 500].map(
      (status) => `  http-error status ${status} content-type text/plain string "HTTP ${status}\\n" hdr X-Release none`,
    ),
  ];
}

/** Every answer says who gave it; the edge's own say `none`. */
const RELEASE_HEADER = [
  '  http-after-response set-header X-Release %[var(txn.release)] if { var(txn.release) -m found }',
  '  http-after-response set-header X-Release none unless { var(txn.release) -m found }',
];

function virtualFrontend(route: Route): string[] {
  const jobs = route.jobs === undefined ? '' : ` ${word(route.jobs)}`;
  const allowed = `${word(route.subnet)} ${word(route.address)} 127.0.0.1${jobs}`;
  return [
    `frontend service:${backendName(route)}`,
    // The address may not be back on the loopback interface when HAProxy starts.
    `  bind ${word(route.address)}:${route.port} transparent`,
    `  http-request deny deny_status 403 unless { src ${allowed} }`,
    // Checks of ours are nobody's traffic. Only this machine itself may say so: a container comes from its bridge.
    `  http-request set-var(txn.probe) str(probe) if { src ${word(route.address)} 127.0.0.1 } { req.hdr(User-Agent) antler-probe }`,
    '  http-request set-header X-Forwarded-For %[src] unless { req.hdr(X-Forwarded-For) -m found }',
    '  http-request set-header X-Forwarded-Proto http unless { req.hdr(X-Forwarded-Proto) -m found }',
    ...RELEASE_HEADER,
    `  default_backend ${backendName(route)}`,
  ];
}

function entryFrontend(route: Route, routes: readonly Route[], options: EdgeFileOptions): string[] {
  const { entry } = route;
  if (entry === undefined) return [];
  const inside = [...new Set(routes.flatMap(({ subnet, jobs }) => [subnet, ...(jobs === undefined ? [] : [jobs])]))].map(word).join(' ');
  return [
    `frontend entry:${backendName(route)}`,
    ...entryHosts(entry, options.ipv6).map((host) => `  bind ${word(host)}:${entry.port}${host === '::' ? ' v4v6' : ''}`),
    // Containers call services by their virtual addresses only; an entry would lead around the source rules.
    `  http-request deny deny_status 403 if { src ${inside} }`,
    '  http-request set-header X-Forwarded-For %[src]',
    '  http-request set-header X-Forwarded-Proto http',
    ...RELEASE_HEADER,
    `  default_backend ${backendName(route)}`,
    '',
  ];
}

export interface Bind {
  readonly host: string;
  readonly port: number;
  /** `10.77.1.1:5000`, unique. */
  readonly text: string;
}

/** Everything that HAProxy listens on for these routes. */
export function bindsOf(routes: readonly Route[], ipv6: boolean): readonly Bind[] {
  const bind = (host: string, port: number): Bind => ({ host, port, text: `${host}:${port}` });
  return routes.flatMap(({ address, port, entry }) => [
    bind(address, port),
    ...(entry === undefined ? [] : entryHosts(entry, ipv6).map((host) => bind(host, entry.port))),
  ]);
}

function entryHosts(entry: NonNullable<Route['entry']>, ipv6: boolean): readonly string[] {
  switch (entry.listen) {
    case 'any':
      return [ipv6 ? '::' : '0.0.0.0'];
    case 'loopback':
      return ['127.0.0.1', ...(ipv6 ? ['::1'] : [])];
    default:
      return [entry.listen];
  }
}

function backend(route: Route, servers: readonly RecordedServer[]): string[] {
  const name = backendName(route);
  const own = servers.filter((server) => server.environment === route.environment && server.service === route.service);
  return [
    `backend ${name}`,
    // A hold lasts as long as the retries do: one a second.
    ...(route.stopFirst ? ['  retries 30'] : []),
    '  option httpchk',
    // Of the server, not of the backend: two releases side by side may have different paths. Each server stands in the map.
    `  http-check send meth GET uri-lf %[srv_name,map_str(${CHECKS},/)] ver HTTP/1.1 hdr Host ${word(route.service)} hdr User-Agent antler-check`,
    '  http-check expect status 200-399',
    `  timeout check ${route.health.timeoutMs}ms`,
    '  http-response set-var(txn.release) srv_name,field(1,.)',
    `  http-error status 503 content-type text/plain string ${quote(nothingAnswers(route))} hdr X-Release none hdr Retry-After 5 hdr Cache-Control no-store`,
    ...[502, 504].map(
      (status) => `  http-error status ${status} content-type text/plain string ${quote(brokenOff(route, status))} hdr X-Release none`,
    ),
    ...own.map((server) => `  server ${word(server.name)} ${serverWords(server, route, server.weight)}`),
  ];
}

function nothingAnswers(route: Route): string {
  const { environment, service } = route;
  return `503: nothing answers for ${service} in ${environment}.\n\nNo release yet?  antler deploy ${environment}\nOtherwise:       antler status\n`;
}

function brokenOff(route: Route, status: number): string {
  const why = status === 504 ? 'did not answer in time' : 'broke off its answer';
  return `${status}: ${route.service} in ${route.environment} ${why}.\n\nantler logs ${route.environment} ${route.service}\n`;
}

/** Names and addresses were checked at the config's door; what reaches a file that HAProxy parses is checked again. */
function word(text: string): string {
  if (/^[\w.:/-]{1,200}$/.test(text)) return text;
  throw new AntlerError('internal/bug', `Cannot write HAProxy's file as ${JSON.stringify(text.slice(0, 60))} is not one plain word`);
}

/** HAProxy's double quotes: backslash, quote and dollar are special in them, and a line break ends the line. */
function quote(text: string): string {
  const escaped = text.replaceAll(/[\\"$]/g, (character) => `\\${character}`).replaceAll('\n', '\\n');
  // eslint-disable-next-line no-control-regex
  if (!/[\u0000-\u001f\u007f]/.test(escaped)) return `"${escaped}"`;
  throw new AntlerError('internal/bug', `Cannot write HAProxy's file as ${JSON.stringify(text.slice(0, 60))} has a control character`);
}
