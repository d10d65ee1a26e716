/** The forms in which a secret may be printed; those of the official runner, and where it misses one, that too. Pure. */

/** Derived forms shorter than this would mask ordinary words and protect nothing. */
const SHORTEST = 4;
/** PowerShell prints parts of a command around `&`; the official runner masks them from this length on. */
const SHORTEST_PART = 6;

export function variantsOf(secret: string): ReadonlySet<string> {
  const found = new Set<string>();
  const lines = secret.split(/[\r\n]+/);
  for (const value of [secret, secret.trim(), ...lines, ...lines.map((line) => line.trimEnd())]) {
    if (value.trim() === '') continue;
    found.add(value);
    for (const variant of encodings(value)) if (variant.length >= SHORTEST) found.add(variant);
  }
  return found;
}

function encodings(value: string): string[] {
  return [
    ...base64(value),
    value.replaceAll('"', '\\"'),
    value.replaceAll("'", "''"),
    json(value),
    json(value).replaceAll(/[^\0-\x7F]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
    uri(value),
    encodeUri(value),
    encodeUri(value).replaceAll('%20', '+'),
    xml(value),
    trimQuotes(value),
    ...ampersand(value),
  ];
}

/**
 * Where the secret stands inside of something encoded (`user:secret`), its bytes fall on three alignments. The last digit
 * also holds bits of what follows: without it the form is found there as well.
 */
function base64(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [0, 1, 2].flatMap((offset) => {
    const rest = bytes.subarray(offset);
    const whole = Math.floor((rest.length * 8) / 6);
    return (['base64', 'base64url'] as const).flatMap((form) => {
      const digits = rest.toString(form).replace(/=+$/, '');
      return [digits, digits.slice(0, whole)];
    });
  });
}

function json(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** A lone half of a character cannot be encoded: then it cannot be printed so either. */
function encodeUri(value: string): string {
  return value.isWellFormed() ? encodeURIComponent(value) : '';
}

/** As .NET, Python and curl escape: also what encodeURIComponent leaves. */
function uri(value: string): string {
  return encodeUri(value).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function xml(value: string): string {
  const names: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '&': '&amp;' };
  return value.replaceAll(/[<>"'&]/g, (char) => names[char] ?? char);
}

function trimQuotes(value: string): string {
  return value.length > 8 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : '';
}

/** `part1&+part2` is shown by PowerShell as `part1&+` and, the letter after it coloured, `art2`. */
function ampersand(value: string): string[] {
  const plus = value.indexOf('&+');
  const last = value.lastIndexOf('&');
  if (last < 0) return [];
  const parts = plus >= 0 ? [value.slice(0, plus + 2), value.slice(plus + 3)] : [value.slice(0, last + 1), value.slice(last + 1)];
  return parts.filter((part) => part.length >= SHORTEST_PART);
}
