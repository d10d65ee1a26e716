/** `machine` and `bases`: the part of the config that a push can never change, and what base images are made of. */

import { z } from 'zod';

import { absolutePath, anyText, argv, debianPackage, flag, imageName, mode, name, user, variables } from './values.ts';

const KINDS = 'one of { kind: "package" }, { kind: "directory" }, { kind: "file" }, { kind: "service" }';
const kind = <const K extends string>(value: K): z.ZodLiteral<K> =>
  z.literal(value, { error: KINDS }).describe('What kind of resource it is.');
const owned = {
  owner: user().default('root').describe('User that owns it.'),
  group: user().default('root').describe('Group that owns it.'),
};

const resource = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: kind('package'), name: debianPackage().describe('Name of a Debian package.') }),
    z.strictObject({
      kind: kind('directory'),
      path: absolutePath().describe('Absolute path on the machine.'),
      mode: mode().default('0755').describe('Permission bits as octal text.'),
      ...owned,
    }),
    z.strictObject({
      kind: kind('file'),
      path: absolutePath().describe('Absolute path on the machine.'),
      content: anyText(262_144).describe('The whole content.'),
      mode: mode().default('0644').describe('Permission bits as octal text.'),
      ...owned,
    }),
    z.strictObject({
      kind: kind('service'),
      name: name().describe('Name of the supervised service.'),
      command: argv().describe('Program with an absolute path, and its arguments.'),
      env: variables().default({}).describe('Environment variables of the process.'),
      user: user().default('root').describe('User that it runs as.'),
    }),
  ],
  { error: KINDS },
);

export const machine = z.strictObject(
  {
    engine: z.enum(['podman'], { error: '"podman"' }).default('podman').describe('What runs the containers.'),
    resources: z
      .array(resource, { error: 'a list of resources' })
      .default([])
      .describe('Packages, directories, files and services that the machine must have besides what Antler itself needs.'),
  },
  { error: 'an object, e.g. { resources: [{ kind: "package", name: "htop" }] }' },
);

export const base = z.strictObject(
  {
    packages: z
      .array(debianPackage(), { error: 'a list of Debian packages' })
      .max(500, { error: 'at most 500 packages' })
      .default([])
      .describe('Debian packages that the image holds.'),
    node: flag().default(false).describe('With the pinned Node binary at /usr/local/bin/node.'),
    standsFor: z
      .array(imageName(), { error: 'a list of image names' })
      .default([])
      .describe('Public images that this base stands for where they cannot be pulled, e.g. `docker.io/library/python:3.12-slim`.'),
  },
  { error: 'an object, e.g. { packages: ["python3"] }' },
);
