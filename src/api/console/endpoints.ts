/** Which endpoints the console's door leads to. What hands in folders, runs programs or makes links stays with the unix socket. */

import type { EndpointName } from '../../contract/endpoints.ts';

const FOR_CONSOLE: ReadonlySet<EndpointName> = new Set<EndpointName>([
  'health',
  'status',
  'watch',
  'releases',
  'release',
  'deploy',
  'promote',
  'rollback',
  'approve',
  'hold',
  'unhold',
  'diff',
  'receipt',
  'receipts',
  'history',
  'machine',
  'logs',
  'runs',
  'run',
  'followRun',
  'dispatch',
  'cancelRun',
  'rerun',
  'incidents',
  'incident',
  'acknowledge',
  'noteIncident',
  'incidents',
  'incident',
  'acknowledge',
  'noteIncident',
]);

export function isForConsole(name: EndpointName): boolean {
  return FOR_CONSOLE.has(name);
}
