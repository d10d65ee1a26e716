/** Pieces of Markdown that the generated pages share. */

/** The first lines of a generated page. */
export function head(title: string, from: string): string {
  return `# ${title}\n\n<!-- Written by \`npm run docs\` from ${from}; test/docs.test.ts fails where it differs. -->\n`;
}

/** A table; nothing where there are no rows. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
  return `${line(titles)}${line(titles.map(() => '---'))}${rows.map((row) => line(row)).join('')}`;
}
