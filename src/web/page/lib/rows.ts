/** A long list of which only what can be seen is in the page: a hundred thousand lines cost as much as fifty. */

export interface Rows<T> extends Disposable {
  /** What the list is now; drawn with the next frame, however often it is said. `stick`: its end stays in sight. */
  show(rows: readonly T[], stick: boolean): void;
}

export interface RowsOptions<T> {
  /** Scrolls; every row in it is as high as `rowHeight`. */
  readonly box: HTMLElement;
  readonly rowHeight: number;
  readonly paint: (row: T) => HTMLElement;
  /** The reader scrolls: away from the end, or back to it. */
  readonly onEnd?: (atEnd: boolean) => void;
}

/** Rows beside those in sight, so that scrolling shows no gap. */
const MORE = 12;

export function createRows<T>({ box, rowHeight, paint, onEnd }: RowsOptions<T>): Rows<T> {
  const space = document.createElement('div');
  const window = document.createElement('div');
  space.className = 'rows-space';
  window.className = 'rows-window';
  space.append(window);
  box.append(space);
  let rows: readonly T[] = [];
  let sticks = false;
  let frame = 0;
  let atEnd = true;

  const draw = (): void => {
    frame = 0;
    space.style.height = `${rows.length * rowHeight}px`;
    if (sticks) box.scrollTop = box.scrollHeight;
    const first = Math.max(0, Math.floor(box.scrollTop / rowHeight) - MORE);
    const count = Math.ceil(box.clientHeight / rowHeight) + 2 * MORE;
    window.style.transform = `translateY(${first * rowHeight}px)`;
    window.replaceChildren(...rows.slice(first, first + count).map(paint));
  };
  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  const onScroll = (): void => {
    const now = box.scrollTop + box.clientHeight >= box.scrollHeight - rowHeight;
    if (now !== atEnd) onEnd?.((atEnd = now));
    ask();
  };
  box.addEventListener('scroll', onScroll, { passive: true });
  const sizes = new ResizeObserver(ask);
  sizes.observe(box);
  return {
    show(next, stick) {
      rows = next;
      sticks = stick;
      ask();
    },
    [Symbol.dispose]() {
      cancelAnimationFrame(frame);
      sizes.disconnect();
      box.removeEventListener('scroll', onScroll);
      space.remove();
    },
  };
}
