/** Does a body hold what a monitor expects? */

import type { HttpProbe } from '../types.ts';

/** What is wrong with it, for people; undefined where nothing is. */
export async function matchBody({ body, json }: Pick<HttpProbe, 'body' | 'json'>, text: string): Promise<string | undefined> {
  if (body !== undefined && !text.includes(body)) return `the body does not hold ${JSON.stringify(body)}`;
  if (json === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the body is no JSON';
  }
  return matchJson(json, value);
}

async function matchJson(json: Readonly<Record<string, string>>, value: unknown): Promise<string | undefined> {
  const { query } = await import('json-p3'); // only who has such a monitor pays for it
  for (const [path, wanted] of Object.entries(json)) {
    const found = query(path, value as Parameters<typeof query>[1])
      .values()
      .map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    if (!found.includes(wanted)) return `${path} is ${found.length === 0 ? 'not there' : found.join(', ').slice(0, 100)}, not ${wanted}`;
  }
  return undefined;
}
