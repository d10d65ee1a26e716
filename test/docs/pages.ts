/** Every generated page: its path and its text, as the code says now. `write.ts` writes them, `test/docs.test.ts` finds drift. */

import { configReference } from '../../src/config/reference.ts';
import { apiPage } from './api.ts';
import { compatibilityPage } from './compatibility.ts';
import { commandsPage } from './commands.ts';
import { errorsPage } from './errors.ts';
import { openApi } from './openapi.ts';

/** By path from the repository's root. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/config.md': configReference,
  'docs/reference/commands.md': commandsPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/api.md': apiPage,
  'docs/reference/workflow-compatibility.md': compatibilityPage,
  'docs/reference/openapi.json': () => `${JSON.stringify(openApi(), undefined, 2)}\n`,
};
