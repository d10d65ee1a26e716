/** How a runit instance comes back after a reboot: its boot script, and the init script that calls it. */

import { join } from 'node:path';

import type { Resource, SupervisorPlace } from '../types.ts';
import { quoteShell, quoteShellArgv } from './quote.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function bootScriptPath(place: SupervisorPlace): string {
  return join(place.home, 'boot');
}

/** Process id of the instance's runsvdir. */
export function runsvdirPidPath(place: SupervisorPlace): string {
  return `${place.servicesDir}.pid`;
}

/** Starts the instance's runsvdir, which names its home, detached from whoever asks: an own session, a bare environment, nobody's files. */
export function runsvdirStarter(place: SupervisorPlace): readonly [string, ...string[]] {
  const inner = 'exec </dev/null >/dev/null 2>&1; echo $$ >"$1" && exec runsvdir -P "$2"';
  return ['setsid', '-f', 'env', '-i', PATH, 'LANG=C.UTF-8', 'sh', '-c', inner, 'sh', runsvdirPidPath(place), place.servicesDir];
}

/** Words of the running runsvdir. */
export function runsvdirWords(place: SupervisorPlace): readonly string[] {
  return ['runsvdir', '-P', place.servicesDir];
}

/** Files that must be there for a boot without a command; none under systemd, whose units are enabled. */
export function bootResources(place: SupervisorPlace): readonly Resource[] {
  if (place.kind === 'systemd') return [];
  const script = { mode: 0o755, owner: 'root', group: 'root' };
  return [
    { kind: 'file', path: bootScriptPath(place), content: bootScript(place), ...script },
    { kind: 'file', path: `/etc/init.d/antler-${place.id}`, content: initScript(place), ...script },
    // Debian's runit makes every init script step back as soon as any runsvdir runs; ours must not keep sshd from starting
    { kind: 'file', path: '/etc/runit/lsb.runit.sysv', content: '', mode: 0o644, owner: 'root', group: 'root' },
  ];
}

function bootScript(place: SupervisorPlace): string {
  return `#!/bin/sh
# Written by Antler: starts (or, with "stop", stops) the services of this home.
${PATH}
services=${quoteShell(place.servicesDir)}
pidfile=${quoteShell(runsvdirPidPath(place))}
pid=
[ ! -r "$pidfile" ] || read -r pid <"$pidfile"
running() { [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] && [ "$(tr '\\0' ' ' <"/proc/$pid/cmdline")" = "runsvdir -P $services " ]; }
if [ "\${1:-start}" = stop ]; then
  running || exit 0
  sv -w 20 force-stop "$services"/* >/dev/null
  kill -HUP "$pid"
  exit 0
fi
if running; then exit 0; fi
cd /
exec ${quoteShellArgv(runsvdirStarter(place))}
`;
}

function initScript(place: SupervisorPlace): string {
  const name = `antler-${place.id}`;
  const boot = quoteShell(bootScriptPath(place));
  return `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ${name}
# Required-Start:    $local_fs $remote_fs $network
# Required-Stop:     $local_fs $remote_fs $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Antler's services of one home
### END INIT INFO
# Written by Antler: \`antler up\` puts this text back.
[ -x ${boot} ] || exit 0
case "$1" in
  start | stop) exec ${boot} "$1" ;;
  restart | force-reload) ${boot} stop && exec ${boot} start ;;
  *) echo "usage: $0 start|stop|restart" >&2 && exit 2 ;;
esac
`;
}
