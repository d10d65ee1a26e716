/** All commands. Metadata only: a handler and what it imports are loaded when it runs. */

import type { Command } from './command.ts';
import { apiCommands } from './commands-api.ts';
import { localCommands } from './commands-local.ts';
import { gitCommands } from './commands-git.ts';
import { runCommands } from './commands-runs.ts';
import { settingCommands } from './commands-settings.ts';
import { watchCommands } from './commands-watch.ts';

export const commands: readonly Command[] = [
  ...localCommands,
  ...apiCommands,
  ...runCommands,
  ...gitCommands,
  ...settingCommands,
  ...watchCommands,
];
