// A list of which only what is in view is in the document.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props<T> {
  items: T[];
  rowHeight: number;
  selected: number | null;
  onSelect: (index: number) => void;
  onOpen: (index: number) => void;
  render: (item: T, index: number) => ComponentChildren;
  label: string;
}

/** Rows beyond the visible ones on each side, so that scrolling shows no blank. */
const MARGIN = 12;

export function Windowed<T>({ items, rowHeight, selected, onSelect, onOpen, render, label }: Props<T>) {
  const host = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ first: 0, last: 60 });
  const latest = useRef({ selected, onSelect, onOpen, length: items.length });
  latest.current = { selected, onSelect, onOpen, length: items.length };

  // The page scrolls, not the list: what is in view is where the list meets the window.
  useLayoutEffect(() => {
    const measure = (): void => {
      const top = host.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / rowHeight) - MARGIN);
      const last = Math.ceil((innerHeight - top) / rowHeight) + MARGIN;
      setView((before) => (before.first === first && before.last === last ? before : { first, last }));
    };
    measure();
    addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    return () => {
      removeEventListener("scroll", measure);
      removeEventListener("resize", measure);
    };
  }, [rowHeight, items.length]);

  useEffect(() => {
    const element = host.current;
    const walk = (event: Event): void => {
      const { selected: at, onSelect: select, length } = latest.current;
      const step = (event as CustomEvent<number>).detail;
      const next = at === null ? (step > 0 ? 0 : length - 1) : Math.min(length - 1, Math.max(0, at + step));
      select(next);
      const top = (element?.getBoundingClientRect().top ?? 0) + next * rowHeight;
      if (top < 80) scrollBy({ top: top - 160 });
      else if (top > innerHeight - 120) scrollBy({ top: top - innerHeight + 200 });
    };
    const open = (): void => {
      const { selected: at, onOpen: toggle } = latest.current;
      if (at !== null) toggle(at);
    };
    element?.addEventListener("escala-walk", walk);
    element?.addEventListener("escala-open", open);
    return () => {
      element?.removeEventListener("escala-walk", walk);
      element?.removeEventListener("escala-open", open);
    };
  }, [rowHeight]);

  const shown = items.slice(view.first, view.last);
  return (
    <div class="windowed" ref={host} data-windowed role="list" aria-label={label} style={{ height: `${items.length * rowHeight}px` }}>
      {shown.map((item, offset) => {
        const index = view.first + offset;
        return (
          <div
            key={index}
            role="listitem"
            class={index === selected ? "row selected" : "row"}
            style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
          >
            {render(item, index)}
          </div>
        );
      })}
    </div>
  );
}
