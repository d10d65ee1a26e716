/** The page: one fact at a time, and who it comes from. */

import { createApi, type Fact } from './api.ts';
import { badgeOf } from './badge.ts';

type State =
  | { readonly kind: 'loading' }
  | { readonly kind: 'fact'; readonly fact: Fact; readonly voted: boolean }
  | { readonly kind: 'failed' };

const api = createApi((path, init) => fetch(path, init));
const card = part('card');
const title = part('card-title');
const text = part('fact');
const source = part('source');
const link = part('source-link', HTMLAnchorElement);
const next = part('next', HTMLButtonElement);
const vote = part('vote', HTMLButtonElement);
const badge = part('badge');

let state: State = { kind: 'loading' };
let lastId: string | undefined;

next.addEventListener('click', () => void another());
vote.addEventListener('click', () => void like());
addEventListener('online', () => {
  if (state.kind === 'failed') void another();
});
await another();

async function another(): Promise<void> {
  if (card.ariaBusy === 'true') return;
  card.ariaBusy = 'true';
  try {
    // Who answers is asked for each time: a release that arrives meanwhile shows without a reload.
    const [fact] = await Promise.all([api.randomFact(lastId), showIdentity()]);
    lastId = fact.id;
    show({ kind: 'fact', fact, voted: false });
  } catch (error) {
    console.warn(error);
    show({ kind: 'failed' });
  } finally {
    card.ariaBusy = 'false';
  }
}

async function like(): Promise<void> {
  if (state.kind !== 'fact' || state.voted) return;
  const { fact } = state;
  try {
    await api.vote(fact.id);
    if (state.fact === fact) show({ kind: 'fact', fact, voted: true });
  } catch (error) {
    console.warn(error);
    show({ kind: 'failed' });
  }
}

async function showIdentity(): Promise<void> {
  const { environment, release, commit, spoken } = badgeOf(await api.identity());
  badge.dataset.environment = environment;
  badge.title = commit === '' ? spoken : `${spoken}, commit ${commit}`;
  part('badge-spoken').textContent = spoken;
  part('badge-environment').textContent = environment;
  part('badge-release').textContent = release;
  part('badge-commit').textContent = commit;
}

function show(wanted: State): void {
  const fresh = !(state.kind === 'fact' && wanted.kind === 'fact' && state.fact === wanted.fact);
  state = wanted;
  document.body.dataset.state = wanted.kind;
  switch (wanted.kind) {
    case 'loading':
      break;
    case 'fact':
      if (fresh) replaceText(wanted.fact.text);
      link.textContent = wanted.fact.source.title;
      link.href = wanted.fact.source.url;
      title.textContent = 'Did you know?';
      next.textContent = 'Another fact';
      vote.ariaPressed = String(wanted.voted);
      part('vote-label').textContent = wanted.voted ? 'Thank you' : 'Good one';
      break;
    case 'failed':
      lastId = undefined;
      replaceText('The moose has wandered off. Nobody answers for the facts just now.');
      delete badge.dataset.environment;
      badge.title = '';
      part('badge-spoken').textContent = 'This page cannot reach its back end';
      part('badge-environment').textContent = 'no answer';
      part('badge-release').textContent = '';
      part('badge-commit').textContent = '';
      title.textContent = 'No answer';
      next.textContent = 'Try again';
      break;
    default:
      wanted satisfies never;
  }
  source.hidden = wanted.kind !== 'fact';
  vote.hidden = wanted.kind !== 'fact';
}

/** A new paragraph instead of new words in the old one: it fades in, and readers of the live region hear it whole. */
function replaceText(words: string): void {
  const paragraph = document.createElement('p');
  paragraph.textContent = words;
  text.replaceChildren(paragraph);
}

function part(id: string): HTMLElement;
function part<T extends HTMLElement>(id: string, type: new () => T): T;
function part(id: string, type: new () => HTMLElement = HTMLElement): HTMLElement {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new TypeError(`Cannot find #${id} as the page lacks it`);
  return element;
}
