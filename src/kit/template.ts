/** Templates with `{{word}}`: each stands for a text, and for nothing else. Pure. */

const WORD = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The words of a template, each once, in their order. */
export function wordsOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(WORD)].map((match) => match[1] ?? ''))];
}

/** What is filled in is never looked at again. A word without a value stays as it is. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(WORD, (all: string, word: string) => (Object.hasOwn(values, word) ? (values[word] ?? '') : all));
}

/** The same in a text of JSON: what is filled in cannot end the string that it stands in. */
export function fillJson(template: string, values: Readonly<Record<string, string>>): string {
  return fill(template, Object.fromEntries(Object.entries(values).map(([word, value]) => [word, JSON.stringify(value).slice(1, -1)])));
}
