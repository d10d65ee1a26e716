/** What lets an editor complete the config in a repository where nothing is installed: one declaration file that the config itself names. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const EDITOR_FILE = 'antler.d.ts';

/** First line of the config: holds in any project, with or without a tsconfig, and changes none. */
export const REFERENCE = `/// <reference path="./${EDITOR_FILE}" />`;

/** The author's types as an ambient module: needs no install, no `paths`, no module resolution. */
export async function editorTypes(): Promise<string> {
  const source = await readFile(join(import.meta.dirname, '../define.ts'), 'utf8');
  const [, ...body] = source.split('\n');
  const declared = body
    .join('\n')
    .replace(/(export function defineConfig\(config: Config\): Config) \{[\s\S]*?\n\}/, '$1;')
    .trim();
  const lines = declared.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
  return [
    '/** Types of antler.config.ts, for editors. Written by `antler init`; nothing here is read when Antler runs. */',
    '',
    "declare module 'antler' {",
    ...lines,
    '}',
    '',
  ].join('\n');
}
