/** A service as a systemd unit: text only. */

import type { ServiceResource } from '../types.ts';
import { quoteExecArgv, quoteUnit, unitText } from './quote.ts';

const HEAD = '# Written by Antler: `antler up` puts this text back.';
const UNITS = '/etc/systemd/system';

export function unitPath(name: string): string {
  return `${UNITS}/${name}.service`;
}

/** Did we write this unit? */
export function isOurs(unit: string): boolean {
  return unit.startsWith(HEAD);
}

/** Path → content. */
export function systemdFiles(service: ServiceResource): Readonly<Record<string, string>> {
  return { [unitPath(service.name)]: unitOf(service) };
}

function unitOf(service: ServiceResource): string {
  const after = ['network.target', ...service.afterServices.map((name) => `${name}.service`)];
  const wants = service.afterServices.map((name) => `${name}.service`);
  const once = service.mode === 'once';
  return [
    HEAD,
    '[Unit]',
    `Description=${unitText(service.description)}`,
    `After=${after.join(' ')}`,
    ...(wants.length === 0 ? [] : [`Wants=${wants.join(' ')}`]),
    // a port that another program still holds must never end the restarts for good
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `Type=${once ? 'oneshot' : service.ready}`,
    ...(service.user === 'root' ? [] : [`User=${service.user}`]),
    ...Object.entries(service.env).map(([key, value]) => `Environment=${quoteUnit(`${key}=${value}`)}`),
    // the plus sign: as root, whatever User= says
    ...service.before.map((argv) => `ExecStartPre=+${quoteExecArgv(argv)}`),
    `ExecStart=${quoteExecArgv(service.command)}`,
    ...(service.reload === undefined ? [] : [`ExecReload=+${quoteExecArgv(service.reload)}`]),
    ...(service.after === undefined ? [] : [`${once ? 'ExecStop' : 'ExecStopPost'}=+${quoteExecArgv(service.after)}`]),
    ...(once ? ['RemainAfterExit=yes', 'TimeoutStartSec=120'] : ['KillMode=mixed']),
    ...(service.mode === 'always' ? ['Restart=always', 'RestartSec=100ms'] : []),
    `TimeoutStopSec=${service.stopSeconds}`,
    ...(service.openFiles === undefined ? [] : [`LimitNOFILE=${service.openFiles}`]),
    // one child that ran out of memory (a build) must not take its service along
    'OOMPolicy=continue',
    ...(service.mode === 'demand' ? [] : ['', '[Install]', 'WantedBy=multi-user.target']),
    '',
  ].join('\n');
}
