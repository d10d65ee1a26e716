/** An alert in words: for templates, and as the object that programs read. Pure. */

import type { AlertWords } from '../../contract/alert.ts';
import { isoTime } from '../../kit/clock.ts';
import { fill, fillJson } from '../../kit/template.ts';
import type { Alert } from './types.ts';

export function wordsOf(alert: Alert, url: string): AlertWords {
  return { ...alert, id: String(alert.id), subjects: alert.subjects.join(', '), since: isoTime(alert.since), url };
}

/** What a command reads, and a webhook without a template. */
export function objectOf(alert: Alert, url: string): string {
  return JSON.stringify({ ...alert, since: isoTime(alert.since), url });
}

/** Always JSON: a template that is none once it is filled in (the config refuses such) gives way to the object. */
export function bodyOf(alert: Alert, { template, url }: { readonly template: string | undefined; readonly url: string }): string {
  if (template === undefined) return objectOf(alert, url);
  const body = fillJson(template, { ...wordsOf(alert, url) });
  try {
    JSON.parse(body);
    return body;
  } catch {
    return objectOf(alert, url);
  }
}

/** Each argument by itself: what is filled in is never split, and never read by a shell. */
export function argvOf(argv: readonly string[], alert: Alert, url: string): string[] {
  const words = { ...wordsOf(alert, url) };
  return argv.map((word) => fill(word, words).replaceAll('\0', ''));
}
