/** The host's package sources and apt settings as values, and the versions that apt would install from them. Pure. */

import type { Packages } from './recipe.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** One line of `INDEX_FORMAT` a source; asked for with `apt-get indextargets`. */
export const INDEX_FORMAT = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)';

/** Debian's own sources for `suite` as the host has them, else the public ones: one-line form, in order. */
export function debianSources(indexTargets: string, suite: string): readonly string[] {
  const found = new Map<string, string[]>();
  for (const line of indexTargets.split('\n')) {
    const [uri = '', release = '', component = '', origin = ''] = line.split('|');
    if (origin !== 'Debian' || !(release === suite || release.startsWith(`${suite}-`))) continue;
    if (release.endsWith('-backports')) continue;
    const key = `${uri} ${release}`;
    const components = found.get(key) ?? [];
    if (!components.includes(component)) components.push(component);
    found.set(key, components);
  }
  const lines = [...found].map(([source, components]) => `deb [signed-by=${KEYRING}] ${source} ${components.join(' ')}`);
  return lines.length === 0 ? publicSources(suite) : lines;
}

/** What goes into an image: sources that everyone can reach. */
export function publicSources(suite: string): readonly string[] {
  return [
    `deb [signed-by=${KEYRING}] http://deb.debian.org/debian ${suite} main`,
    `deb [signed-by=${KEYRING}] http://deb.debian.org/debian ${suite}-updates main`,
    `deb [signed-by=${KEYRING}] http://deb.debian.org/debian-security ${suite}-security main`,
  ];
}

/** Are these the sources that an image has anyway? Then a build needs nothing of the host's. */
export function arePublic(sources: readonly string[]): boolean {
  return sources.every((line) => /\shttps?:\/\/(?:deb|security)\.debian\.org\//.test(line));
}

/** How the host reaches its mirrors (proxies, CA, dates), from `apt-config dump`: nothing else of its settings. */
export function reachSettings(aptConfigDump: string): readonly string[] {
  const wanted = /^Acquire::(?:https?(?:::|\s)|(?:Check-Valid-Until|Check-Date|ForceIPv[46]|Retries)\s)/;
  return aptConfigDump.split('\n').filter((line) => wanted.test(line) && /"[^"]+";$/.test(line));
}

export interface PrivateApt {
  /** Folder for lists and caches. */
  readonly folder: string;
  /** dpkg's status file of the image that packages would be added to; undefined for an empty one. */
  readonly status: string | undefined;
  readonly arch: string;
  readonly settings: readonly string[];
}

/** An apt.conf that knows only our folder, so that the host's own lists and packages play no part. */
export function privateAptConf(apt: PrivateApt): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '')}"`;
  const lines = [
    // This file is read first: with these two none of the host's settings follow, nor do its hooks run after an update.
    'Dir::Etc::main "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    `Dir::Etc::sourcelist ${quoted(`${apt.folder}/sources.list`)};`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    `Dir::State ${quoted(apt.folder)};`,
    `Dir::State::lists ${quoted(`${apt.folder}/lists`)};`,
    `Dir::State::status ${quoted(apt.status ?? `${apt.folder}/empty-status`)};`,
    `Dir::Cache ${quoted(apt.folder)};`,
    // Parsed copies of the lists are 36 MB written each time, to save half a second.
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    `Dir::Log ${quoted(apt.folder)};`,
    `APT::Architecture ${quoted(apt.arch)};`,
    `APT::Architectures { ${quoted(apt.arch)}; };`,
    'APT::Install-Recommends "false";',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    ...apt.settings,
  ];
  return `${lines.join('\n')}\n`;
}

/** `apt-get -s install`'s `Inst` lines as name → version. A foreign architecture is part of the name. */
export function parseSimulation(output: string): Packages {
  const packages: Record<string, string> = {};
  for (const line of output.split('\n')) {
    const match = /^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) packages[match[1]] = match[2];
  }
  return packages;
}

/** A dpkg status file as name → version, installed ones only. */
export function parseStatus(status: string): Packages {
  const packages: Record<string, string> = {};
  for (const paragraph of status.split('\n\n')) {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.+)$`, 'm').exec(paragraph)?.[1];
    const name = field('Package');
    const version = field('Version');
    if (name !== undefined && version !== undefined && field('Status')?.endsWith(' installed') === true) packages[name] = version;
  }
  return packages;
}
