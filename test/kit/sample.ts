/** The sample as the end-to-end test delivers it: short soak and bake, and a caller inside its containers. */

export const CONFIG = `
import { defineConfig } from 'antler';
export default defineConfig({
  app: 'moose-facts',
  bases: { page: { node: true, standsFor: ['docker.io/library/node:24-slim'] } },
  services: {
    backend: { build: { context: 'apps/moose-facts/backend', base: 'node' }, port: 5000, health: { path: '/healthz', start: '15s' }, hardened: true, env: {}, stop: '2s' },
    frontend: { build: { context: 'apps/moose-facts/frontend', base: 'nginx' }, port: 8080, health: { path: '/' }, expose: true, hardened: true },
  },
  environments: {
    dev: { port: 30008 },
    stg: { port: 30009, from: 'dev' },
    prod: { port: 30010, from: 'stg', approve: 1, replicas: 2, strategy: { steps: [50, 100], bake: '1s' } },
  },
});
`;

/** Run by `node -e` in a container with an address and a port: says what became of the call. */
export const CALL = `const [host, port] = process.argv.slice(1); const s = require('net').connect({ host, port: +port }); let got = ''; s.setTimeout(1500, () => { console.log('dropped'); process.exit(); });
    s.on('connect', () => s.write('GET /healthz HTTP/1.0\\r\\n\\r\\n')); s.on('data', (d) => got += d); s.on('close', () => { console.log(got.includes(' 200 ') ? 'OPEN' : 'refused'); process.exit(); }); s.on('error', () => undefined)`;
