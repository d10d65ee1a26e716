/** The sample as the end-to-end test delivers it: short soak and bake, and a caller inside its containers. */

export const CONFIG = `
import { defineConfig } from 'antler';
export default defineConfig({
  app: 'moose-facts',
  bases: { page: { node: true, standsFor: ['docker.io/library/node:24-slim'] } },
  services: {
    backend: { build: { context: 'apps/moose-facts/backend', base: 'node' }, port: 5000, health: { path: '/healthz', start: '10s' }, hardened: true, env: {}, stop: '2s' },
    frontend: { build: { context: 'apps/moose-facts/frontend', base: 'nginx' }, port: 8080, health: { path: '/' }, expose: true, hardened: true },
  },
  environments: {
    dev: { port: 30008 },
    stg: { port: 30009, from: 'dev' },
    prod: { port: 30010, from: 'stg', approve: 1, replicas: 2, strategy: { steps: [50, 100], bake: '1s' } },
  },
});
`;

/** Run by `node -e` in a container with `address:port`s: says of each what became of the call. */
export const CALL = `for (const target of process.argv.slice(1)) { const [host, port] = target.split(':'); const s = require('net').connect({ host, port: +port }); let got = '';
    const say = (word) => { console.log(target + ' ' + word); s.destroy(); }; s.setTimeout(1500, () => { s.timedOut = true; say('dropped'); }); s.on('error', () => undefined);
    s.on('connect', () => s.write('GET /healthz HTTP/1.0\\r\\n\\r\\n')); s.on('data', (d) => got += d); s.on('close', () => s.timedOut || say(got.includes(' 200 ') ? 'OPEN' : 'refused')); }`;
