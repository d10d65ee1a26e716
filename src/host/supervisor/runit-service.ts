/** A service as a runit folder: text only. */

import { join } from 'node:path';

import type { ServiceResource, SupervisorPlace } from '../types.ts';
import { MAIN_PID, quoteShell, quoteShellArgv } from './quote.ts';

const HEAD = '#!/bin/sh\n# Written by Antler: `antler up` puts this text back.\n';
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LOG_LIMIT = 's1000000\nn5\n'; // five old files of a megabyte: SD cards are small

export function serviceDir(place: SupervisorPlace, name: string): string {
  return join(place.servicesDir, name);
}

export function logDir(place: SupervisorPlace, name: string): string {
  return join(place.logsDir, name);
}

/** The reload script of a service that has one. */
export function reloadPath(place: SupervisorPlace, name: string): string {
  return join(serviceDir(place, name), 'reload');
}

/** Path → content; everything but `down` and `config` is a script. */
export function runitFiles(service: ServiceResource, place: SupervisorPlace): Readonly<Record<string, string>> {
  const dir = serviceDir(place, service.name);
  const logs = quoteShell(logDir(place, service.name));
  const files: Record<string, string> = {
    [join(dir, 'run')]: runScript(service, place),
    [join(dir, 'log/run')]: `${HEAD}mkdir -p ${logs}\ncp ${quoteShell(join(dir, 'log/config'))} ${logs}/config\nexec svlogd -tt ${logs}\n`,
    [join(dir, 'log/config')]: LOG_LIMIT,
  };
  if (service.mode === 'demand') files[join(dir, 'down')] = '';
  if (service.mode === 'once') files[join(dir, 'check')] = `${HEAD}exec test -e ./ran\n`;
  if (service.after !== undefined) {
    // runsv runs these when it was told to stop the service, not when the process died by itself
    const script = `${HEAD}${clean(service)} ${quoteShellArgv(service.after)} >&2\nrm -f ./ran\nexit 1\n`;
    files[join(dir, 'control/d')] = script;
    files[join(dir, 'control/x')] = script;
  }
  if (service.reload !== undefined) {
    const pid = `"$(cat ${quoteShell(join(dir, 'supervise/pid'))})"`;
    const words = service.reload.map((word) => (word === MAIN_PID ? pid : quoteShell(word)));
    files[reloadPath(place, service.name)] = `${HEAD}exec ${words.join(' ')}\n`;
  }
  return files;
}

function runScript(service: ServiceResource, place: SupervisorPlace): string {
  const env = clean(service);
  const as = service.user === 'root' ? '' : ` chpst -u ${quoteShell(service.user)}`;
  const main = `${env}${as} ${quoteShellArgv(service.command)}`;
  return [
    `${HEAD}exec 2>&1`,
    ...(service.mode === 'once' ? ['rm -f ./ran'] : []),
    ...service.afterServices.map((name) => `sv -w 60 start ${quoteShell(serviceDir(place, name))} >/dev/null || exit 1`),
    ...service.before.map((argv) => `${env} ${quoteShellArgv(argv)} || exit 1`),
    // as many as wanted, else as many as there may be
    ...(service.openFiles === undefined ? [] : [`ulimit -n ${service.openFiles} 2>/dev/null || ulimit -n "$(ulimit -H -n)"`]),
    ...(service.mode === 'once'
      ? [`${main} || exit 1`, ': >./ran', `exec tail -n 0 -f ${quoteShell(join(serviceDir(place, service.name), 'ran'))}`]
      : [`exec ${main}`]),
    '',
  ].join('\n');
}

/** The same bare environment that systemd gives. */
function clean(service: ServiceResource): string {
  const pairs = [PATH, 'LANG=C.UTF-8', ...Object.entries(service.env).map(([key, value]) => `${key}=${value}`)];
  return `env -i ${quoteShellArgv(pairs)}`;
}
