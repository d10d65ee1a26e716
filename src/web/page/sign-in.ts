/** Trades the token in the address for a session; it is gone from the address before anything else is done. */

import { KEY } from './lib/key.ts';

const token = location.hash.slice(1);
history.replaceState(null, '', location.pathname === '/sign-in' ? '/sign-in' : location.pathname);
if (token !== '') await signIn(token);
else if (location.pathname !== '/sign-in')
  say(
    'You are not signed in',
    'This browser has no session here, or it has ended. On the machine, type this and open the link that it prints:',
  );

async function signIn(given: string): Promise<void> {
  say('Signing in…', '');
  try {
    const send = async (): Promise<Response> =>
      fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: given }) });
    // Once more where the line broke: a link that did work then says so.
    const answer = await send().catch(send);
    const body = (await answer.json()) as { readonly key?: string; readonly error?: { readonly message: string } };
    if (body.key === undefined)
      return say('This link does not sign in', `${body.error?.message ?? 'It was refused'}. For a new one, type:`);
    localStorage.setItem(KEY, body.key);
    location.replace('/');
  } catch {
    say('The console does not answer', 'Is the daemon running? On the machine, type this and open the link that it prints:');
  }
}

function say(title: string, text: string): void {
  const [head, words] = [document.querySelector('#title'), document.querySelector('#say')];
  if (head !== null) head.textContent = title;
  if (words !== null) words.textContent = text;
}
