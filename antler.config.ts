import { defineConfig } from 'antler';

export default defineConfig({
  app: 'moose-facts',
  bases: {
    // The front end's page is built with Node. Where the public image cannot be pulled, this stands for it.
    page: { node: true, standsFor: ['docker.io/library/node:24-slim'] },
  },
  services: {
    backend: {
      build: { context: 'apps/moose-facts/backend', base: 'node' },
      port: 5000,
      health: { path: '/healthz' },
      hardened: true,
    },
    frontend: {
      build: { context: 'apps/moose-facts/frontend', base: 'nginx' },
      port: 8080,
      health: { path: '/' },
      expose: true,
      hardened: true,
    },
  },
  environments: {
    dev: { port: 30008 },
    stg: { port: 30009, from: 'dev' },
    prod: { port: 30010, from: 'stg', soak: '1m', approve: 1, replicas: 2, strategy: { steps: [10, 50, 100], bake: '30s' } },
  },
});
