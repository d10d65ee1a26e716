// Before the first paint, so that nothing flashes: what the reader chose; without a choice the system's own.
{
  const chosen = localStorage.getItem('antler-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset['theme'] = chosen;
}

// A page that lost a part of itself on the way stays at “Opening…” for ever: it is loaded again. Chromium drops what is under way whenever an address
// comes or goes on its machine, and on this one each rollout does that.
{
  const TRIES = 'antler-tries';
  const MAX_WAIT_MS = 30_000;
  let lost = false;
  const onError = ({ target }: Event): void => {
    const part = target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel !== 'icon');
    if (!part || lost) return;
    lost = true;
    const tries = Number(sessionStorage.getItem(TRIES) ?? 0);
    sessionStorage.setItem(TRIES, String(tries + 1));
    setTimeout(() => location.reload(), Math.min(500 * 2 ** tries, MAX_WAIT_MS));
  };
  addEventListener('error', onError, true); // such an event does not bubble
  addEventListener('load', () => {
    if (!lost) sessionStorage.removeItem(TRIES);
  });
}
