/** docs/reference/commands.md: a fold over the list of commands. */

import { GROUPS, type Command } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { optionText, usage } from '../../src/cli/help.ts';
import { GLOBAL_OPTIONS } from '../../src/cli/parse.ts';
import { head, table } from './markdown.ts';

const INTRO = `
One program, \`antler\`. *Local* commands work without a daemon and ask for sudo where they change the machine; *API* commands speak to the daemon.

Exit codes: 0 done · 1 it failed · 2 there is something to do or to wait for · 64 wrong use · 78 wrong config · 130 interrupted.

With \`--json\`, standard output carries one object, or one object a line for what streams; an error is \`{"error": {"code", "message", "hint", "at"?, "problems"?, "lines"?}}\` on standard error.

| variable | meaning |
| --- | --- |
| \`ANTLER_HOME\` | the instance’s home, as \`--home\` |
| \`ANTLER_PORT_OFFSET\` | added to every host port (environments, registry), never to a service’s own |
| \`NO_COLOR\` | no colour, also on a terminal |

`;

export function commandsPage(): string {
  const options = table(
    ['every command takes', ''],
    Object.entries(GLOBAL_OPTIONS).map(([name, option]) => [`\`${optionText(name, option)}\``, option.summary]),
  );
  const groups = GROUPS.flatMap((group) => {
    const members = commands.filter((command) => command.group === group);
    return members.length === 0 ? [] : [`\n## ${group}\n${members.map((command) => commandText(command)).join('')}`];
  });
  return head('Commands', '`src/cli/commands.ts`') + INTRO + options + groups.join('');
}

function commandText(command: Command): string {
  const { args = [], options = {}, examples = [], exits = {} } = command;
  const section = (text: string): string => (text === '' ? '' : `\n${text}`);
  return [
    `\n### antler ${command.name}\n\n${command.summary}. (${command.kind === 'api' ? 'API' : 'local'})\n`,
    `\n\`\`\`\nantler ${usage(command)}${Object.keys(options).length > 0 ? ' [OPTIONS]' : ''}\n\`\`\`\n`,
    section(
      table(
        ['argument', ''],
        args.map(({ name, summary }) => [`\`${name}\``, summary]),
      ),
    ),
    section(
      table(
        ['option', ''],
        Object.entries(options).map(([name, option]) => [`\`${optionText(name, option)}\``, option.summary]),
      ),
    ),
    section(
      table(
        ['example', ''],
        examples.map(({ line, does }) => [`\`${line}\``, does]),
      ),
    ),
    section(
      table(
        ['exit', ''],
        Object.entries(exits).map(([code, meaning]) => [code, meaning]),
      ),
    ),
    `\nWith \`--json\`: ${command.json}.\n`,
  ].join('');
}
