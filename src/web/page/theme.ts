// Before the first paint, so that nothing flashes: what the reader chose; without a choice the system's own.
{
  const chosen = localStorage.getItem('antler-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset['theme'] = chosen;
}
