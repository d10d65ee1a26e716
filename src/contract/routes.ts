/** Method and path of every endpoint, and where the daemon listens: plain data, so that the CLI starts without loading the schemas. */

export const routes = {
  health: { method: 'GET', path: '/v1/health' },
  status: { method: 'GET', path: '/v1/status' },
  watch: { method: 'GET', path: '/v1/watch' },
  configure: { method: 'POST', path: '/v1/config' },
  build: { method: 'POST', path: '/v1/builds' },
  releases: { method: 'GET', path: '/v1/releases' },
  release: { method: 'GET', path: '/v1/releases/:id' },
  deploy: { method: 'POST', path: '/v1/environments/:environment/deploy' },
  promote: { method: 'POST', path: '/v1/environments/:environment/promote' },
  rollback: { method: 'POST', path: '/v1/environments/:environment/rollback' },
  approve: { method: 'POST', path: '/v1/approvals/:id' },
  hold: { method: 'PUT', path: '/v1/environments/:environment/hold' },
  unhold: { method: 'DELETE', path: '/v1/environments/:environment/hold' },
  diff: { method: 'GET', path: '/v1/diff' },
  receipt: { method: 'GET', path: '/v1/releases/:id/receipt' },
  logs: { method: 'GET', path: '/v1/environments/:environment/logs' },
  exec: { method: 'POST', path: '/v1/environments/:environment/services/:service/exec' },
  images: { method: 'GET', path: '/v1/images' },
  refreshImages: { method: 'POST', path: '/v1/images/refresh' },
  runs: { method: 'GET', path: '/v1/runs' },
  run: { method: 'GET', path: '/v1/runs/:id' },
  followRun: { method: 'GET', path: '/v1/runs/:id/events' },
  dispatch: { method: 'POST', path: '/v1/runs' },
  cancelRun: { method: 'POST', path: '/v1/runs/:id/cancel' },
  rerun: { method: 'POST', path: '/v1/runs/:id/rerun' },
  secrets: { method: 'GET', path: '/v1/secrets' },
  setSecret: { method: 'PUT', path: '/v1/secrets/:name' },
  removeSecret: { method: 'DELETE', path: '/v1/secrets/:name' },
  variables: { method: 'GET', path: '/v1/variables' },
  setVariable: { method: 'PUT', path: '/v1/variables/:name' },
  removeVariable: { method: 'DELETE', path: '/v1/variables/:name' },
  history: { method: 'GET', path: '/v1/environments/:environment/services/:service/history' },
  machine: { method: 'GET', path: '/v1/machine' },
  receipts: { method: 'GET', path: '/v1/receipts' },
  consoleLink: { method: 'POST', path: '/v1/console/links' },
  incidents: { method: 'GET', path: '/v1/incidents' },
  incident: { method: 'GET', path: '/v1/incidents/:id' },
  acknowledge: { method: 'POST', path: '/v1/incidents/:id/acknowledge' },
  noteIncident: { method: 'POST', path: '/v1/incidents/:id/notes' },
  testNotify: { method: 'POST', path: '/v1/notify/test' },
} as const;

/** The operators' socket. Nothing of Node here: the console's pages read this table too. */
export function apiSocketOf(home: string): string {
  return `${home.replace(/\/+$/, '')}/run/api.sock`;
}

/** The user agent of the CLI: how an approval says what it was given with. */
export const CLI_AGENT = 'antler-cli';
