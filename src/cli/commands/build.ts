/** `antler build`. */

import type { Release } from '../../contract/releases.ts';
import { createClient, jobSocket } from '../client.ts';
import type { Context } from '../command.ts';
import { configFolder } from '../config-folder.ts';
import { createProgress } from '../progress.ts';
import { shortCommit } from '../words.ts';

export async function run(context: Context): Promise<void> {
  const { out, json, signal, typed } = context;
  // A job builds its run's commit, wherever it stands.
  const directory = jobSocket() === undefined ? configFolder(context.cwd) : context.cwd;
  let release: Release;
  {
    using progress = createProgress(context);
    release = await createClient(context).stream('build', { body: { directory } }, { signal, onEvent: (event) => progress.event(event) });
  }
  if (json) {
    out.object(release);
    return;
  }
  const services = Object.entries(release.services).map(([name, { built }]) => (built ? name : `${name} (taken over)`));
  const dirty = release.dirty ? ' (with changes that are not committed)' : '';
  out.line(
    `${out.paint('green', '✓')} ${out.paint('bold', release.id)} from ${shortCommit(release.commit)}${dirty}: ${services.join(', ')}`,
  );
  out.line(out.paint('dim', `  ${typed(`deploy ENV ${release.id}`)}`));
}
