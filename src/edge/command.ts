/** Where an edge's files lie, and how HAProxy is started on them: argv only. */

import { join } from 'node:path';

import { CHECKS } from './file.ts';

/** What HAProxy needs for its 4096 connections at once, two files each, and for itself. */
export const EDGE_OPEN_FILES = 8500;

export interface EdgePaths {
  readonly file: string;
  /** The health path of each server. */
  readonly checks: string;
  readonly runtimeSocket: string;
  readonly masterSocket: string;
}

export interface EdgeCommandOptions {
  readonly folder: string;
  /** Under systemd with `Type=notify`. */
  readonly notify: boolean;
}

/** Everything of an edge in its folder. */
export function edgePaths(folder: string): EdgePaths {
  return {
    file: join(folder, 'haproxy.cfg'),
    checks: join(folder, CHECKS),
    runtimeSocket: join(folder, 'runtime.sock'),
    masterSocket: join(folder, 'master.sock'),
  };
}

/** Runs HAProxy as master and worker in the foreground; a supervisor keeps it. The file must be there: `Edge.routes` writes it. */
export function edgeCommand(options: EdgeCommandOptions): string[] {
  const { file, masterSocket } = edgePaths(options.folder);
  return ['/usr/sbin/haproxy', options.notify ? '-Ws' : '-W', '-S', `${masterSocket},mode,600,level,admin`, '-f', file];
}

/** Checks a file without starting anything. */
export function checkCommand(file: string): [string, ...string[]] {
  return ['/usr/sbin/haproxy', '-c', '-f', file];
}
