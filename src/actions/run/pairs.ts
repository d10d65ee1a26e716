/** What a step wrote into a command file: `name=value` lines and `name<<DELIMITER` blocks, in GitHub's words where it is wrong. Pure. */

/** Throws an Error with GitHub's wording; the step then fails. */
export function parsePairs(text: string): readonly (readonly [name: string, value: string])[] {
  const found: (readonly [string, string])[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const next = (): { line: string; ended: boolean } | undefined => {
    if (at >= text.length) return undefined;
    const newline = text.indexOf('\n', at);
    const line = newline < 0 ? text.slice(at) : text.slice(at, newline);
    at = newline < 0 ? text.length : newline + 1;
    return { line, ended: newline >= 0 };
  };
  for (let read = next(); read !== undefined; read = next()) {
    const { line } = read;
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`Invalid format '${line}'. Name must not be empty`);
      found.push([line.slice(0, equals), line.slice(equals + 1)]);
    } else if (heredoc >= 0) {
      const name = line.slice(0, heredoc);
      const delimiter = line.slice(heredoc + 2);
      if (name === '' || delimiter === '') {
        throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
      }
      const start = at;
      let end = at;
      for (let inner = next(); ; inner = next()) {
        if (inner === undefined) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
        if (inner.line === delimiter) break;
        if (!inner.ended) throw new Error('Invalid value. EOF marker missing new line.');
        end = at - 1;
      }
      found.push([name, end > start ? text.slice(start, end) : '']);
    } else {
      throw new Error(`Invalid format '${line}'`);
    }
  }
  return found;
}
