/** The author's types and the schema say the same: keys and kinds by the compiler, explanations by text. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  type AlertsConfig,
  type BaseConfig,
  type BuildConfig,
  type Config,
  type ConsoleConfig,
  defineConfig,
  type DnsMonitorConfig,
  type EnvironmentConfig,
  type HttpMonitorConfig,
  type MachineConfig,
  type ResourceConfig,
  type TcpMonitorConfig,
  type TlsMonitorConfig,
  type WebhookConfig,
} from './define.ts';
import type { RuntimeConfig, ServiceConfig } from './define.ts';
import { type ConfigInput, jsonSchema } from './schema.ts';

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
type SameKeys<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true : false;
type Input = Frozen<ConfigInput>;
type Service = Input['services'][string];
type Environment = Input['environments'][string];
type Machine = NonNullable<Input['machine']>;
type Resource<K, T = NonNullable<Machine['resources']>[number]> = Extract<T, { readonly kind: K }>;

type Monitor<K extends string, T = NonNullable<Input['monitors']>[string]> = Extract<T, Readonly<Record<K, unknown>>>;
type Alerts = NonNullable<Input['alerts']>;

/** Compiles only while every section has the same keys on both sides. */
const SAME: readonly true[] = [
  true satisfies SameKeys<Config, Input>,
  true satisfies SameKeys<MachineConfig, Machine>,
  true satisfies SameKeys<BaseConfig, NonNullable<Input['bases']>[string]>,
  true satisfies SameKeys<ServiceConfig, Service>,
  true satisfies SameKeys<NonNullable<ServiceConfig['health']>, NonNullable<Service['health']>>,
  true satisfies SameKeys<BuildConfig, Exclude<NonNullable<Service['build']>, string>>,
  true satisfies SameKeys<EnvironmentConfig, Environment>,
  true satisfies SameKeys<NonNullable<EnvironmentConfig['strategy']>, NonNullable<Environment['strategy']>>,
  true satisfies SameKeys<RuntimeConfig, NonNullable<Environment['services']>[string]>,
  true satisfies SameKeys<Extract<ResourceConfig, { readonly kind: 'file' }>, Resource<'file'>>,
  true satisfies SameKeys<Extract<ResourceConfig, { readonly kind: 'directory' }>, Resource<'directory'>>,
  true satisfies SameKeys<Extract<ResourceConfig, { readonly kind: 'package' }>, Resource<'package'>>,
  true satisfies SameKeys<Extract<ResourceConfig, { readonly kind: 'service' }>, Resource<'service'>>,
  true satisfies SameKeys<HttpMonitorConfig, Monitor<'http'>>,
  true satisfies SameKeys<TcpMonitorConfig, Monitor<'tcp'>>,
  true satisfies SameKeys<TlsMonitorConfig, Monitor<'tls'>>,
  true satisfies SameKeys<DnsMonitorConfig, Monitor<'dns'>>,
  true satisfies SameKeys<AlertsConfig, Alerts>,
  true satisfies SameKeys<WebhookConfig, NonNullable<Alerts['webhooks']>[string]>,
  true satisfies SameKeys<ConsoleConfig, NonNullable<Input['console']>>,
];

/** Compiles only while whatever the author's types allow is of a kind that the schema takes. */
function asInput(config: Config): Input {
  return config;
}

test('defineConfig: gives back what it got, typed as the schema takes it', () => {
  const config = defineConfig({
    app: 'moose',
    services: { web: { build: 'web', port: 1, memory: '1.5G' } },
    environments: { dev: { port: 1 } },
  });
  assert.equal(asInput(config), config);
  assert.ok(SAME.every(Boolean));
});

test('defineConfig: editors explain each key in the words of the schema', () => {
  const text = readFileSync(join(import.meta.dirname, 'define.ts'), 'utf8');
  const inTypes = new Set(
    [...text.matchAll(/^ {2}\/\*\* (.+) \*\/\n {2}readonly (\w+)\??:/gm)].map(([, words, key]) => `${key}: ${words}`),
  );
  const inSchema = new Set(described(jsonSchema()));
  assert.ok(inSchema.size > 40, `saw ${inSchema.size} keys`);
  assert.deepEqual([...inTypes].sort(), [...inSchema].sort());
});

function described(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((item) => described(item));
  const properties: unknown = Reflect.get(node, 'properties');
  const own = typeof properties === 'object' && properties !== null ? Object.entries(properties) : [];
  const lines = own.map(([key, schema]) => `${key}: ${String(Reflect.get(schema as object, 'description'))}`);
  return [...lines, ...Object.values(node).flatMap((child) => described(child))];
}

test('defineConfig: is all that the module gives, as the sandbox has its own', async () => {
  assert.deepEqual(Object.keys(await import('./define.ts')), ['defineConfig']);
});
