/** The first config as text: what a person would have typed, with a word on where each guess comes from. Pure. */

import type { Config, ServiceConfig } from '../define.ts';
import { REFERENCE } from './editor.ts';

export interface Draft {
  readonly config: Config;
  /** By service: where port and health path come from. */
  readonly reasons: Readonly<Record<string, string>>;
}

export function configText({ config, reasons }: Draft): string {
  const bases = Object.entries(config.bases ?? {});
  const lines = [
    REFERENCE,
    "import { defineConfig } from 'antler';",
    '',
    'export default defineConfig({',
    `  app: ${quote(config.app)},`,
    ...(bases.length === 0
      ? []
      : ['  bases: {', '    // Made from Debian packages; each stands for a public image where that cannot be pulled.']),
    ...bases.map(([name, base]) => `    ${key(name)}: ${literal(base)},`),
    ...(bases.length === 0 ? [] : ['  },']),
    '  services: {',
    ...Object.entries(config.services).flatMap(([name, service]) => [
      `    // ${reasons[name] ?? ''}`,
      `    ${key(name)}: ${literal(service satisfies ServiceConfig)},`,
    ]),
    '  },',
    '  environments: {',
    ...Object.entries(config.environments).map(([name, environment]) => `    ${key(name)}: ${literal(environment)},`),
    '  },',
    '});',
    '',
  ];
  return lines.join('\n');
}

function literal(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).map(([name, item]) => `${key(name)}: ${literal(item)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
