/** Help pages: folds over the list of commands. Pure. */

import { GROUPS, type Arg, type Command, type Option } from './command.ts';
import { GLOBAL_OPTIONS } from './parse.ts';

export interface HelpStyle {
  readonly title: (text: string) => string;
  readonly name: (text: string) => string;
  readonly dim: (text: string) => string;
}

export function helpAll(commands: readonly Command[], style: HelpStyle): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const groups = GROUPS.flatMap((group) => {
    const members = commands.filter((command) => command.group === group);
    if (members.length === 0) return [];
    return ['', style.title(group), ...members.map(({ name, summary }) => `  ${style.name(name.padEnd(width))}  ${summary}`)];
  });
  return [
    `${style.title('antler')}: one small Linux machine as a whole delivery platform`,
    '',
    `${style.title('Usage')}  antler COMMAND [ARGUMENTS] [OPTIONS]`,
    ...groups,
    '',
    style.title('Every command takes'),
    ...optionLines(GLOBAL_OPTIONS, style),
    '',
    style.dim('`antler COMMAND --help` shows arguments, options and examples.'),
  ].join('\n');
}

export function helpGroup(group: string, commands: readonly Command[], style: HelpStyle): string {
  const members = commands.filter(({ name }) => name.startsWith(`${group} `));
  const lines = members.map((command) => [usage(command), command.summary] as const);
  const width = Math.max(...lines.map(([line]) => line.length));
  return [
    `${style.title('Usage')}  antler ${group} COMMAND`,
    '',
    ...lines.map(([line, summary]) => `  ${style.name(line.padEnd(width))}  ${summary}`),
    '',
    style.dim(`\`antler ${group} COMMAND --help\` shows arguments, options and examples.`),
  ].join('\n');
}

export function helpCommand(command: Command, style: HelpStyle): string {
  const { args = [], options = {}, examples = [], exits = {} } = command;
  const argWidth = Math.max(0, ...args.map(({ name }) => name.length));
  const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', style.title(title), ...lines]);
  return [
    `${command.summary}.`,
    '',
    `${style.title('Usage')}  antler ${usage(command)}${Object.keys(options).length > 0 ? ' [OPTIONS]' : ''}`,
    ...section(
      'Arguments',
      args.map(({ name, summary }) => `  ${style.name(name.padEnd(argWidth))}  ${summary}`),
    ),
    ...section('Options', optionLines({ ...options, ...GLOBAL_OPTIONS }, style)),
    ...section(
      'Examples',
      examples.flatMap(({ line, does }) => [`  ${style.name(line)}`, `      ${style.dim(does)}`]),
    ),
    ...section(
      'Ends with',
      Object.entries(exits).map(([code, meaning]) => `  ${code}  ${meaning}`),
    ),
    ...section('With --json', [`  ${command.json}`]),
  ].join('\n');
}

/** `deploy ENV [RELEASE]`. */
export function usage(command: Command): string {
  return [command.name, ...(command.args ?? []).map((arg) => usageOf(arg))].join(' ');
}

function usageOf(arg: Arg): string {
  if (arg.rest === true) return arg.optional === true ? `[-- ${arg.name}…]` : `-- ${arg.name}…`;
  return arg.optional === true ? `[${arg.name}]` : arg.name;
}

/** `-f, --follow` or `--tail N`. */
export function optionText(name: string, option: Option): string {
  const long = option.type === 'flag' ? `--${name}` : `--${name} ${option.value}`;
  return option.short === undefined ? long : `-${option.short}, ${long}`;
}

function optionLines(options: Readonly<Record<string, Option>>, style: HelpStyle): string[] {
  const rows = Object.entries(options).map(([name, option]) => [optionText(name, option), option.summary] as const);
  const width = Math.max(...rows.map(([text]) => text.length));
  return rows.map(([text, summary]) => `  ${style.name(text.padEnd(width))}  ${summary}`);
}
