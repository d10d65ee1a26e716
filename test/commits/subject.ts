/** What is wrong with a commit's subject. Pure. */

/** Words with these endings that are imperatives all the same. */
const IMPERATIVES = new Set([
  'bring',
  'embed',
  'exceed',
  'feed',
  'need',
  'proceed',
  'seed',
  'shed',
  'speed',
  'spring',
  'string',
  'swing',
  'ring',
  'ping',
]);

export function subjectProblem(subject: string, rooms: readonly string[]): string | undefined {
  const found = /^([\w-]+): (\S+)(.*)$/.exec(subject);
  if (found === null) return 'is not of the form `room: imperative sentence`';
  const [, room = '', first = '', rest = ''] = found;
  if (!rooms.includes(room)) return `names no room: one of ${rooms.join(', ')}`;
  if (/^(?:\w+ed|\w+ing)$/.test(first) && !IMPERATIVES.has(first))
    return `says \`${first}\`: write what the commit does, as a command (\`add\`, not \`added\`)`;
  if (/^[A-Z][a-z]/.test(first)) return 'begins with a capital after the room';
  if (`${first}${rest}`.endsWith('.')) return 'ends with a period';
  if (subject.length > 100) return `has ${subject.length} letters: 100 at most`;
  return undefined;
}
