/** `services.*`: what is built, how it is checked and what it may use. */

import { z } from 'zod';

import { absolutePath, argv, duration, flag, httpPath, imageName, name, relativePath, share, size, variables, whole } from './values.ts';

const build = z.strictObject(
  {
    context: relativePath().describe('Folder with the Dockerfile, relative to the config.'),
    dockerfile: relativePath().default('Dockerfile').describe('The Dockerfile, relative to the context.'),
    base: name().optional().describe('A key of `bases`, or `node` or `nginx`: handed in as the build argument `BASE`.'),
    args: variables().default({}).describe('Build arguments. They stay in the image: no secrets.'),
  },
  { error: 'a folder, e.g. "apps/web", or an object, e.g. { context: "apps/web", base: "node" }' },
);

const health = z.strictObject(
  {
    path: httpPath().default('/').describe('Answers 2xx or 3xx when the service can take requests.'),
    start: duration('1s', '1h').default('60s').describe('How long a new container may take until its first passed check.'),
    interval: duration('200ms', '5m').default('2s').describe('Time between two checks.'),
    timeout: duration('50ms', '1m').default('2s').describe('How long one check may take.'),
  },
  { error: 'an object, e.g. { path: "/healthz" }' },
);

/** What may differ between environments. */
export const runtime = {
  env: variables()
    .optional()
    .describe('Environment variables; those of an environment win over those of the service. `ANTLER_*` are Antler’s own.'),
  replicas: whole(1, 20).optional().describe('Containers side by side; 1 where neither service nor environment says more.'),
  memory: size('16M', '1T').optional().describe('Memory limit of one container.'),
  cpus: share(0.05, 256).optional().describe('Cores that one container may use; fractions are fine.'),
  pids: whole(8, 30_000).optional().describe('Processes and threads that one container may have.'),
};

export const service = z.strictObject(
  {
    build: z
      .union([relativePath(), build], { error: 'a folder, e.g. "apps/web", or an object, e.g. { context: "apps/web", base: "node" }' })
      .optional()
      .describe('Folder with the Dockerfile, relative to the config; or more about the build. Either this or `image`.'),
    image: imageName()
      .optional()
      .describe('A public image, taken over by digest, e.g. `docker.io/library/redis:7`. Either this or `build`.'),
    port: whole(1, 65_535).describe('Port that the service listens on in its container.'),
    health: health.optional().describe('How the edge finds out that a container can take requests.'),
    expose: flag().optional().describe('The one service that the environments’ ports lead to; a single service is it anyway.'),
    ...runtime,
    memory: size('16M', '1T').default('256M').describe('Memory limit of one container.'),
    cpus: share(0.05, 256).default(1).describe('Cores that one container may use; fractions are fine.'),
    pids: whole(8, 30_000).default(256).describe('Processes and threads that one container may have.'),
    command: argv().optional().describe('Program and arguments instead of the image’s own.'),
    volumes: z
      .record(name(), absolutePath(), { error: 'an object of volumes, e.g. { data: "/var/lib/data" }' })
      .default({})
      .describe('Data that outlives a release: volume name → absolute path in the container.'),
    overlap: flag()
      .optional()
      .describe('Old and new may use the volumes at once; unset, the old one is stopped before the new one starts.'),
    hardened: flag().default(false).describe('Read-only root file system and no capabilities.'),
    drain: duration('0s', '1h').default('30s').describe('How long open requests get before a replaced container’s connections are cut.'),
    stop: duration('0s', '10m').default('10s').describe('Time between SIGTERM and SIGKILL.'),
  },
  { error: 'an object, e.g. { build: "apps/web", port: 8080 }' },
);

export const HEALTH_DEFAULTS = health.parse({});
