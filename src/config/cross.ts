/** What one key says about another: checked on the raw value, so that these problems are listed beside those of the schema. */

import type { Problem } from '../kit/errors.ts';
import { templateProblems } from './alert-templates.ts';
import { nearest, wrongValue } from './problems.ts';
import { BUILT_IN_BASES, NAME_ALLOWED, TAKEN_BASES } from './schema/values.ts';
import { CONSOLE_PORT } from './schema/watch.ts';

type Raw = Readonly<Record<string, unknown>>;
type Entries = readonly (readonly [string, Raw])[];

export function crossProblems(raw: unknown): Problem[] {
  const services = entries(child(raw, 'services'));
  const environments = entries(child(raw, 'environments'));
  const bases = Object.keys(child(raw, 'bases'));
  return [
    ...empty(raw, 'services', services),
    ...empty(raw, 'environments', environments),
    ...hidden(raw, []),
    ...ownBases(bases),
    ...services.flatMap(([name, service]) => serviceProblems(name, service, bases)),
    ...exposure(services),
    ...ports(environments, child(raw, 'console')['port']),
    ...webhooks(entries(child(child(raw, 'alerts'), 'webhooks'))),
    ...templateProblems(entries(child(child(raw, 'alerts'), 'webhooks')), child(child(raw, 'alerts'), 'commands')),
    ...environments.flatMap(([name], index) => upstream(name, index, environments)),
    ...environments.flatMap(([name, environment]) => steps(name, environment)),
    ...environments.flatMap(([name, environment]) => overlays(name, environment, services)),
  ];
}

function empty(raw: unknown, key: string, found: Entries): Problem[] {
  const there = typeof raw === 'object' && raw !== null && typeof (raw as Raw)[key] === 'object';
  return there && found.length === 0 ? [{ at: key, message: 'is empty: needed is at least one' }] : [];
}

/** zod leaves this key out of what it reads without a word. */
function hidden(raw: unknown, path: readonly string[]): Problem[] {
  if (typeof raw !== 'object' || raw === null) return [];
  return Object.entries(raw).flatMap(([key, value]) => {
    if (key === '__proto__') return [wrongValue([...path, key], key, NAME_ALLOWED)];
    return hidden(value, [...path, key]);
  });
}

function ownBases(bases: readonly string[]): Problem[] {
  return bases
    .filter((base) => TAKEN_BASES.includes(base))
    .map((base) => ({ at: `bases.${base}`, message: 'is built in: needed is another name' }));
}

function serviceProblems(name: string, service: Raw, bases: readonly string[]): Problem[] {
  const at = ['services', name];
  const found: Problem[] = [];
  const built = service['build'] !== undefined;
  const taken = service['image'] !== undefined;
  if (built === taken)
    found.push({ at: at.join('.'), message: `has ${built ? 'both' : 'neither'} \`build\` and \`image\`: needed is exactly one of them` });
  if (name === 'localhost') found.push({ at: at.join('.'), message: 'is the name of every container for itself: needed is another name' });
  const base = child(service, 'build')['base'];
  const known = [...BUILT_IN_BASES, ...bases];
  if (typeof base === 'string' && !known.includes(base)) found.push(unknownWord([...at, 'build', 'base'], base, known));
  const paths = Object.entries(child(service, 'volumes'));
  for (const [index, [volume, path]] of paths.entries())
    if (paths.slice(0, index).some(([, other]) => other === path))
      found.push({
        at: [...at, 'volumes', volume].join('.'),
        message: `is ${JSON.stringify(path)}, where another volume is already: needed is another path`,
      });
  if (oneWriter(service) && several(service['replicas'])) found.push(tooMany([...at, 'replicas']));
  return found;
}

function exposure(services: Entries): Problem[] {
  const exposed = services.filter(([, service]) => service['expose'] === true).map(([name]) => name);
  if (exposed.length > 1)
    return exposed.slice(1).map((name) => ({
      at: `services.${name}.expose`,
      message: `is true, as it is for ${exposed[0]}: needed is one service that the environments’ ports lead to`,
    }));
  if (exposed.length === 0 && services.length > 1)
    return [
      { at: 'services', message: 'has no exposed service: needed is `expose: true` on the one that the environments’ ports lead to' },
    ];
  return [];
}

function ports(environments: Entries, consolePort: unknown): Problem[] {
  return environments.flatMap(([name, { port }], index) => {
    const other = environments.slice(0, index).find(([, earlier]) => earlier['port'] === port)?.[0];
    const taken = other ?? (port === (consolePort ?? CONSOLE_PORT) ? 'the console' : undefined);
    if (taken === undefined || port === undefined) return [];
    return [{ at: `environments.${name}.port`, message: `is ${JSON.stringify(port)}, as in ${taken}: needed is a port of its own` }];
  });
}

function webhooks(found: Entries): Problem[] {
  return found
    .filter(([, { url, secret }]) => (url === undefined) === (secret === undefined))
    .map(([name, { url }]) => ({
      at: `alerts.webhooks.${name}`,
      message: `has ${url === undefined ? 'neither `url` nor' : 'both `url` and'} \`secret\`: needed is exactly one of them`,
    }));
}

function upstream(name: string, index: number, environments: Entries): Problem[] {
  const { from, soak } = environments[index]?.[1] ?? {};
  const at = ['environments', name, 'from'];
  if (from === undefined) {
    if (soak === undefined) return [];
    return [
      {
        at: `environments.${name}.soak`,
        message: 'has nothing to look at: needed is `from`, the environment where the release must have been well',
      },
    ];
  }
  if (typeof from !== 'string') return [];
  const names = environments.map(([other]) => other);
  if (!names.includes(from)) return [unknownWord(at, from, names.slice(0, index))];
  if (from === name) return [{ at: at.join('.'), message: `is ${JSON.stringify(from)} itself: needed is an environment listed above` }];
  if (names.indexOf(from) > index)
    return [
      { at: at.join('.'), message: `is ${JSON.stringify(from)}, which is listed below: needed is the order of promotion, upstream first` },
    ];
  return [];
}

function steps(name: string, environment: Raw): Problem[] {
  const list = child(environment, 'strategy')['steps'];
  if (!Array.isArray(list) || list.length === 0 || !list.every((step) => typeof step === 'number')) return [];
  const ascending = list.every((step, index) => index === 0 || step > (list[index - 1] ?? 0));
  if (ascending && list.at(-1) === 100) return [];
  return [
    wrongValue(['environments', name, 'strategy', 'steps'], list, 'a list of percentages that ascends and ends at 100, e.g. [10, 50, 100]'),
  ];
}

function overlays(name: string, environment: Raw, services: Entries): Problem[] {
  const known = services.map(([service]) => service);
  return entries(child(environment, 'services')).flatMap(([service, overlay]) => {
    const at = ['environments', name, 'services', service];
    if (!known.includes(service)) return [unknownWord(at, service, known)];
    const target = services.find(([other]) => other === service)?.[1] ?? {};
    return oneWriter(target) && several(overlay['replicas']) ? [tooMany([...at, 'replicas'])] : [];
  });
}

/** A volume that old and new may not use at once has room for one container. */
export function oneWriter(service: { readonly volumes?: unknown; readonly overlap?: unknown }): boolean {
  return Object.keys(child(service, 'volumes')).length > 0 && service.overlap !== true;
}

function several(replicas: unknown): boolean {
  return typeof replicas === 'number' && replicas > 1;
}

function tooMany(at: readonly string[]): Problem {
  return {
    at: at.join('.'),
    message: 'is more than 1 for a service with a volume: needed is 1, or `overlap: true` where the program can share it',
  };
}

function unknownWord(at: readonly string[], word: string, known: readonly string[]): Problem {
  const problem = wrongValue(at, word, known.length === 0 ? 'none: there is nothing to name yet' : `one of ${known.join(', ')}`);
  const meant = nearest(word, known);
  return meant === undefined ? problem : { ...problem, hint: `Did you mean \`${meant}\`?` };
}

function child(value: unknown, key: string): Raw {
  const found = typeof value === 'object' && value !== null ? (value as Raw)[key] : undefined;
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Raw) : {};
}

function entries(value: Raw): Entries {
  return Object.keys(value).map((key) => [key, child(value, key)]);
}
