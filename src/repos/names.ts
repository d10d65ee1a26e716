/** What may name a ref, before git is asked. Pure. */

export const ZERO = '0'.repeat(40);

const CONTROL_OR_FORBIDDEN = /[\p{Cc} ~^:?*[\\]/u;

/** git’s own rules (git-check-ref-format); so `main~1` or `@{upstream}` never reach it as an expression. */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || name.startsWith('-') || name.endsWith('.') || name.includes('..') || name.includes('@{')) return false;
  if (CONTROL_OR_FORBIDDEN.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

export function isCommitId(name: string): boolean {
  return /^[0-9a-f]{40}$/.test(name);
}

/** What `name` may mean, in the order in which it is looked for. */
export function candidates(name: string): readonly string[] {
  if (isCommitId(name)) return [name];
  if (!isRefName(name)) return [];
  if (name === 'HEAD' || name.startsWith('refs/')) return [name];
  const short = /^[0-9a-f]{7,39}$/.test(name) ? [name] : [];
  return [`refs/heads/${name}`, `refs/tags/${name}`, ...short];
}

/** `refs/heads/a/b` → `a/b`. */
export function branchOf(ref: string): string | undefined {
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
}
