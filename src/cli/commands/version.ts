/** `antler version`. */

import { readFileSync } from 'node:fs';
import process from 'node:process';

import type { Context } from '../command.ts';

export async function run({ json, out }: Context): Promise<void> {
  const version = programVersion();
  const platform = `${process.platform}-${process.arch}`;
  if (json) out.object({ version, node: process.versions.node, platform });
  else out.line(`antler ${version} (node ${process.versions.node}, ${platform})`);
}

function programVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
