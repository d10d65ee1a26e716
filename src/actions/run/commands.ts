/** Workflow commands in a line of output: `::name key=value,key=value::data`, and the older `##[name key=value;key=value]data`. Pure. */

export interface WorkflowCommand {
  /** In lower case. */
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Everything else is plain output, also `::anything::`. */
export const COMMANDS: ReadonlySet<string> = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]);

/** Why nobody may stop the commands with this token, in the runner's words: any line could start them again, or none. */
export function wrongStopToken(token: string): string | undefined {
  if (token !== '' && token.toLowerCase() !== 'pause-logging' && !COMMANDS.has(token.toLowerCase())) return undefined;
  return "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. For more information see: https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions#example-stopping-and-starting-workflow-commands";
}

/** In this order, `%25` last: `%250A` is the text `%0A`, not a newline. */
const DATA = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
] as const;
const PROPERTY = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%'],
] as const;
const OLDER = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%'],
] as const;

/** The command that this line is, or undefined: then it is output. `resume` is the token that ends `stop-commands`. */
export function parseCommand(line: string, resume?: string): WorkflowCommand | undefined {
  // Nearly every line is plain: two looks decide that.
  if (!line.includes('::') && !line.includes('##[')) return undefined;
  return parseColons(line.trimStart(), resume) ?? parseBrackets(line, resume);
}

function parseColons(text: string, resume: string | undefined): WorkflowCommand | undefined {
  if (!text.startsWith('::')) return undefined;
  const end = text.indexOf('::', 2);
  if (end < 0) return undefined;
  const head = split(text.slice(2, end), resume);
  if (head === undefined) return undefined;
  return { name: head.name, properties: pairs(head.rest, ',', PROPERTY), data: unescape(text.slice(end + 2), DATA) };
}

function parseBrackets(text: string, resume: string | undefined): WorkflowCommand | undefined {
  const start = text.indexOf('##[');
  const end = start < 0 ? -1 : text.indexOf(']', start);
  if (end < 0) return undefined;
  const head = split(text.slice(start + 3, end), resume);
  if (head === undefined) return undefined;
  return { name: head.name, properties: pairs(head.rest, ';', OLDER), data: unescape(text.slice(end + 1), OLDER) };
}

function split(info: string, resume: string | undefined): { name: string; rest: string } | undefined {
  const space = info.indexOf(' ');
  const name = (space < 0 ? info : info.slice(0, space)).toLowerCase();
  if (!COMMANDS.has(name) && name !== resume?.toLowerCase()) return undefined;
  return { name, rest: space < 0 ? '' : info.slice(space + 1).trim() };
}

function pairs(text: string, separator: string, escapes: readonly (readonly [string, string])[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=');
    if (equals > 0 && equals < pair.length - 1) found[pair.slice(0, equals)] = unescape(pair.slice(equals + 1), escapes);
  }
  return found;
}

function unescape(text: string, escapes: readonly (readonly [string, string])[]): string {
  if (!text.includes('%')) return text;
  return escapes.reduce((sofar, [from, to]) => sofar.replaceAll(from, to), text);
}
