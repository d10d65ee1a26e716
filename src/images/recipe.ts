/** What a base is made of, and the keys that follow from it. Pure. */

import { createHash } from 'node:crypto';

import type { BaseSpec } from '../config/types.ts';

/** What the machine gives to every base. */
export interface Ground {
  /** Debian code name of the host: `bookworm`, `trixie`. */
  readonly suite: string;
  /** Debian architecture: `amd64`, `arm64`. */
  readonly arch: string;
  /** Versions of the Node binary and of npm that bases with `node` carry. */
  readonly node: string;
  readonly npm: string;
}

/** The part of it that a stem depends on. */
export type StemGround = Pick<Ground, 'suite' | 'arch'>;

/** Package name → version, as apt resolved them. */
export type Packages = Readonly<Record<string, string>>;

/** A change in how stems or bases are made gets a new number, so that the old ones are made anew. */
export const STEM_FORMAT = 1;
const BASE_FORMAT = 1;

/** On top of mmdebstrap's `minbase`; what every base stands on. libstdc++6, which Node needs, comes with apt. */
export const STEM_PACKAGES: readonly string[] = ['ca-certificates'];

/** What workflow steps commonly call: less than GitHub's 60 GB, enough for git, shells, Python, Node and compilers. */
const CI_PACKAGES: readonly string[] = [
  'build-essential',
  'bzip2',
  'curl',
  'file',
  'git',
  'gnupg',
  'jq',
  'openssh-client',
  'pkg-config',
  'procps',
  'python3',
  'python3-pip',
  'python3-venv',
  'rsync',
  'sudo', // steps write `sudo apt-get` although they are root
  'tzdata',
  'unzip',
  'wget',
  'xz-utils',
  'zip',
  'zstd',
];

export const BUILT_IN: Readonly<Record<string, BaseSpec>> = {
  node: { packages: [], node: true, standsFor: [] },
  ci: { packages: CI_PACKAGES, node: true, standsFor: [] },
  nginx: { packages: ['nginx-light'], node: false, standsFor: [] },
};

/** The config's bases win over built-in ones of the same name. */
export function allBases(configured: Readonly<Record<string, BaseSpec>>): Readonly<Record<string, BaseSpec>> {
  return { ...BUILT_IN, ...configured };
}

export function stemKey(ground: StemGround, packages: Packages): string {
  return digest({ format: STEM_FORMAT, suite: ground.suite, arch: ground.arch, packages: sorted(packages) });
}

/** What a person wrote, without the resolved versions: while it is the same, a recorded base is used as it is. */
export function recipeKey(spec: BaseSpec, ground: Ground): string {
  const node = spec.node ? { node: ground.node, npm: ground.npm } : {};
  return digest({
    format: BASE_FORMAT,
    suite: ground.suite,
    arch: ground.arch,
    packages: spec.packages.toSorted((left, right) => (left < right ? -1 : 1)),
    ...node,
  });
}

export function baseKey(recipe: string, stem: string, packages: Packages): string {
  return digest({ recipe, stem, packages: sorted(packages) });
}

export function stemReference(key: string): string {
  return `localhost/antler/stem:${key.slice(0, 12)}`;
}

export function baseReference(name: string, key: string): string {
  return `localhost/antler/base-${name}:${key.slice(0, 12)}`;
}

/** Two bases of one key differ in their names alone. */
export function isTwin(reference: string, other: string): boolean {
  const keyOf = (name: string): string | undefined => /^localhost\/antler\/base-[^/]*:([^/:]+)$/.exec(name)?.[1];
  return keyOf(reference) !== undefined && keyOf(reference) === keyOf(other);
}

/** The Dockerfile that puts a base on its stem; `versions` are exactly what was resolved. */
export function baseDockerfile(spec: BaseSpec, stem: string, versions: Packages): string {
  const lines = [`FROM ${stem}`];
  if (spec.node) lines.push('COPY node/ /usr/local/');
  if (spec.packages.length > 0) {
    const wanted = Object.entries(sorted(versions)).map(([name, version]) => `${name}=${version}`);
    const steps = [
      ['apt-get', 'update'],
      ['apt-get', 'install', '--yes', '--no-install-recommends', ...wanted],
      ['rm', '-rf', '/var/lib/apt/lists', '/var/cache/apt', '/var/log/apt', '/var/log/dpkg.log', '/var/cache/ldconfig/aux-cache'],
    ];
    lines.push('ARG DEBIAN_FRONTEND=noninteractive');
    lines.push(`RUN ${steps.map((step) => step.join(' ')).join(' && ')}`);
  }
  // Debian's pip refuses to install beside Debian's packages; public Python images know no such rule, and one image holds one app.
  if (spec.packages.includes('python3-pip')) lines.push('ENV PIP_BREAK_SYSTEM_PACKAGES=1');
  if (spec.node) lines.push('CMD ["node"]');
  return `${lines.join('\n')}\n`;
}

function sorted(packages: Packages): Packages {
  return Object.fromEntries(Object.entries(packages).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
