/** The leaves of the config: what is allowed there, as a check and as a text (in errors, and as `allowed` in the JSON schema). */

import { isIP } from 'node:net';

import { z } from 'zod';

import { parseDuration, parseSize } from '../../kit/units.ts';

/** What the config may name: safe in argv, container names, host names, paths and labels. */
const NAME = /^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/;
const PATH = /^\/(?:[A-Za-z0-9._~@+-]+(?:\/|$))*$/;
const IMAGE = /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

export const NAME_ALLOWED =
  'a name of at most 30 lower-case letters, digits and dashes that begins with a letter and does not end with a dash';

/** Bases that the images room makes without being told how. */
export const BUILT_IN_BASES: readonly string[] = ['node', 'nginx'];

/** Names that a config may not give to a base of its own: the built-in ones, and that of the jobs. */
export const TAKEN_BASES: readonly string[] = [...BUILT_IN_BASES, 'ci'];

export function name(): z.ZodString {
  return text(NAME, 30, NAME_ALLOWED);
}

export function user(): z.ZodString {
  return text(/^[a-z_][a-z0-9_-]{0,31}$/, 32, 'the name of a user or group of the machine, e.g. root');
}

export function debianPackage(): z.ZodString {
  return text(/^[a-z0-9][a-z0-9+.-]+$/, 100, 'the name of a Debian package, e.g. python3-flask');
}

export function imageName(): z.ZodString {
  return text(IMAGE, 255, 'an image name with its tag or digest, e.g. docker.io/library/redis:7');
}

export function absolutePath(): z.ZodString {
  return text(PATH, 255, 'an absolute path of letters, digits and . _ ~ @ + - without `..`, e.g. /var/lib/data').refine(plainPath, {
    error: 'an absolute path without `.` and `..` in it, and not / itself',
  });
}

/** Of a folder or file inside the config's folder. */
export function relativePath(): z.ZodString {
  const allowed = 'a path relative to the config, of letters, digits and . _ ~ @ + -, that does not lead out of its folder, e.g. apps/web';
  return text(/^(?:[A-Za-z0-9._~@+-]+(?:\/|$))+$/, 255, allowed).refine((path) => !path.split('/').includes('..'), { error: allowed });
}

/** Of an HTTP request, as checks send it. */
export function httpPath(): z.ZodString {
  return text(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/, 255, 'a path of a URL that begins with /, e.g. /healthz');
}

/** A branch, or a glob of branches. */
export function branch(): z.ZodString {
  return text(/^[A-Za-z0-9._/*?[\]{},@+-]+$/, 200, 'a branch or a glob of branches, e.g. main or release/*');
}

/** Any text; only NUL cannot travel in an environment or a file name. */
export function anyText(max: number): z.ZodString {
  // oxlint-disable-next-line no-control-regex -- NUL is what is refused
  return text(/^[^\u0000]*$/, max, `text of at most ${max} characters`);
}

export function mode(): z.ZodString {
  return text(/^0[0-7]{3,4}$/, 5, 'permission bits as octal text, e.g. 0644');
}

export function whole(min: number, max: number): z.ZodNumber {
  const error = `a whole number from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

export function share(min: number, max: number): z.ZodNumber {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'true or false' });
}

export function duration(min: string, max: string): z.ZodString {
  const error = `a time from ${min} to ${max}, e.g. 500ms, 30s, 5m, 2h`;
  return z
    .string({ error })
    .refine((value) => within(parseDuration(value), parseDuration(min), parseDuration(max)), { error })
    .meta({ allowed: error });
}

export function size(min: string, max: string): z.ZodString {
  const error = `an amount of memory from ${min} to ${max}, e.g. 64M, 1G`;
  return z
    .string({ error })
    .refine((value) => within(parseSize(value), parseSize(min), parseSize(max)), { error })
    .meta({ allowed: error });
}

export function listen(): z.ZodString {
  const error = '`any`, `loopback`, or an IP address of the machine';
  return z
    .string({ error })
    .refine((value) => value === 'any' || value === 'loopback' || isIP(value) !== 0, { error })
    .meta({ allowed: error });
}

export function argv(): z.ZodArray<z.ZodString> {
  const error = 'a list of a program and its arguments, e.g. ["node", "main.js"]';
  return z.array(anyText(4096), { error }).min(1, { error }).max(100, { error }).meta({ allowed: error });
}

/** Environment variables and build arguments; numbers and booleans become text. */
export function variables(): z.ZodRecord<z.ZodString, z.ZodUnion<readonly [z.ZodString, z.ZodNumber, z.ZodBoolean]>> {
  const key = text(/^(?!ANTLER_)[A-Za-z_][A-Za-z0-9_]*$/, 100, 'a variable name of letters, digits and _ that does not begin with ANTLER_');
  const value = z.union([anyText(32_768), z.number(), z.boolean()], { error: 'text, a number, true or false' });
  const error = 'an object of variables, e.g. { LOG_LEVEL: "info" }';
  return z.record(key, value, { error }).meta({ allowed: error });
}

function text(pattern: RegExp, max: number, error: string): z.ZodString {
  return z.string({ error }).max(max, { error }).regex(pattern, { error }).meta({ allowed: error });
}

function within(value: number | undefined, min: number | undefined, max: number | undefined): boolean {
  return value !== undefined && min !== undefined && max !== undefined && value >= min && value <= max;
}

function plainPath(path: string): boolean {
  return path !== '/' && !path.split('/').some((part) => part === '.' || part === '..');
}
