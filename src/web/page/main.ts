/** The console: the shell, the view of the address, and the board that all of it follows. */

import { render, type ComponentType } from 'preact';

import { signal } from '@preact/signals';

import { who } from './lib/api.ts';
import { html, type View } from './lib/html.ts';
import { followBoard } from './lib/live.ts';
import { path, startRouter } from './lib/router.ts';
import { startKeys } from './parts/keys.ts';
import { Empty, Waiting } from './parts/note.ts';
import { me, Shell } from './parts/shell.ts';
import { Board } from './views/board.ts';

type Parts = readonly string[];
type ViewOf = ComponentType<{ readonly parts: Parts }>;

interface Route {
  readonly path: RegExp;
  readonly title: (parts: Parts) => string;
  readonly load: () => Promise<ViewOf>;
}

/** What is not the board comes when it is wanted. */
const ROUTES: readonly [Route, ...Route[]] = [
  { path: /^\/$/, title: () => 'Board', load: async () => Board },
  {
    path: /^\/services\/([^/]+)\/([^/]+)$/,
    title: ([environment, service]) => `${service ?? ''} in ${environment ?? ''}`,
    load: async () => (await import('./views/service.ts')).Service,
  },
  { path: /^\/releases$/, title: () => 'Releases', load: async () => (await import('./views/releases.ts')).Releases },
  { path: /^\/releases\/([^/]+)$/, title: ([id]) => id ?? '', load: async () => (await import('./views/release.ts')).Release },
  { path: /^\/runs$/, title: () => 'Runs', load: async () => (await import('./views/runs.ts')).Runs },
  { path: /^\/runs\/([^/]+)$/, title: ([id]) => `Run ${id ?? ''}`, load: async () => (await import('./views/run.ts')).Run },
  { path: /^\/incidents$/, title: () => 'Incidents', load: async () => (await import('./views/incidents.ts')).Incidents },
  {
    path: /^\/incidents\/([^/]+)$/,
    title: ([id]) => `Incident ${id ?? ''}`,
    load: async () => (await import('./views/incident.ts')).Incident,
  },
  { path: /^\/machine$/, title: () => 'Machine', load: async () => (await import('./views/machine.ts')).Machine },
];

const loaded = signal<{ readonly route: Route; readonly view: ViewOf } | undefined>({ route: ROUTES[0], view: Board });

function App(): View {
  const at = path.value;
  const route = ROUTES.find((each) => each.path.test(at));
  const parts = (route?.path.exec(at)?.slice(1) ?? []).map((part) => decodeURIComponent(part));
  document.title = `${route?.title(parts) ?? 'Not found'} · Antler`;
  return html`<${Shell}>${content(route, parts)}<//>`;
}

function content(route: Route | undefined, parts: Parts): View {
  if (route === undefined)
    return html`<h1 tabindex="-1">There is no such page</h1>
      <${Empty} title="Perhaps it was a release or a run that is gone." />`;
  const here = loaded.value;
  if (here?.route === route) return html`<${here.view} key=${path.value} parts=${parts} />`;
  route.load().then(
    (view) => (loaded.value = { route, view }),
    () => location.reload(), // the pages of another version: theirs are gone
  );
  return html`<h1 tabindex="-1">${route.title(parts)}</h1>
    <${Waiting} what="Opening" />`;
}

const root = document.querySelector('#root');
if (root !== null) {
  root.textContent = '';
  render(html`<${App} />`, root);
}
startRouter();
startKeys();
void followBoard();
me.value = await who().catch(() => undefined);
