/** Which path each server is asked for its health: a map file for HAProxy's start, commands for its run time. Pure. */

import { AntlerError } from '../kit/errors.ts';
import { CHECKS, HOLD, type EdgeRecord } from './file.ts';
import type { Route, Server, ServerId } from './types.ts';

/** The server's own path; one recorded without follows its route. Throws `edge/refused` where no route stands. */
export function healthPathOf(server: ServerId & Pick<Server, 'healthPath'>, routes: readonly Route[]): string {
  const route = routes.find((each) => each.environment === server.environment && each.service === server.service);
  if (route === undefined)
    throw new AntlerError('edge/refused', `Cannot find a route for ${server.service} in ${server.environment} as none was written`);
  return checkPath(server.healthPath ?? route.health.path);
}

/** The whole map: a line for each server. Where several records know a server, the last one is right. */
export function checksText(...records: readonly EdgeRecord[]): string {
  const paths = new Map<string, string>();
  for (const { routes, servers } of records)
    for (const server of servers) if (server.name !== HOLD) paths.set(server.name, healthPathOf(server, routes));
  return [...paths].map(([name, path]) => `${name} ${path}\n`).join('');
}

export interface CheckCommands {
  /** Changes the entry; answers `entry not found` where there is none. */
  readonly set: string;
  /** A second entry of the same name would hide behind the first: only where there is none. */
  readonly add: string;
}

export function checkCommands(name: string, path: string): CheckCommands {
  // A semicolon ends a command.
  const entry = `${CHECKS} ${name} ${checkPath(path).replaceAll(';', '\\;')}`;
  return { set: `set map ${entry}`, add: `add map ${entry}` };
}

export function forgetCommand(name: string): string {
  return `del map ${CHECKS} ${name}`;
}

/** The characters that the config allows in a URL's path: none of them means something in a map's line, and only `;` in a command. */
function checkPath(path: string): string {
  if (/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,1000}$/.test(path)) return path;
  throw new AntlerError(
    'edge/refused',
    `Cannot ask ${JSON.stringify(path.slice(0, 60))} for its health as it is not the path of a URL, e.g. /healthz`,
  );
}
