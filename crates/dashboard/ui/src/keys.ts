// The keyboard. Rows that can be walked carry `data-row`; a filter carries `data-filter`.

import { useEffect } from "preact/hooks";
import { go, href } from "./router";

export const HELP: [keys: string[], does: string][] = [
  [["j", "k"], "next and previous row"],
  [["Enter"], "open the row"],
  [["Esc"], "close, or back to where you came from"],
  [["/"], "filter"],
  [["g", "o"], "overview"],
  [["g", "f"], "findings"],
  [["g", "t"], "tests and tasks"],
  [["g", "r"], "runs"],
  [["?"], "this help"],
];

const PLACES: Record<string, string[]> = { o: [], f: ["findings"], t: ["tests"], r: ["runs"] };

/** How long a `g` waits for the place to go to. */
const CHORD_MS = 1200;

function typing(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable);
}

/** Moves the focus by one row. Lists that hold only what is in view move it themselves. */
function walk(step: 1 | -1): void {
  const list = document.querySelector<HTMLElement>("[data-windowed]");
  if (list && !(document.activeElement?.closest("[data-row]") && !list.contains(document.activeElement))) {
    list.dispatchEvent(new CustomEvent("escala-walk", { detail: step }));
    return;
  }
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}

export function useKeyboard(toggleHelp: (open?: boolean) => void): void {
  useEffect(() => {
    let chord = 0;
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      // An open dialog closes by itself on Escape, unless somebody takes the key from it.
      if (document.querySelector("dialog[open]") && event.key !== "?") return;
      if (typing(event.target)) {
        if (event.key === "Escape") event.target.blur();
        if (event.key === "Enter" && event.target.matches("[data-filter]")) walk(1);
        return;
      }
      const place = PLACES[event.key];
      if (place && event.timeStamp - chord < CHORD_MS) {
        chord = 0;
        go(href(place));
        return;
      }
      chord = event.key === "g" ? event.timeStamp : 0;
      if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
      else if (event.key === "/") document.querySelector<HTMLInputElement>("main [data-filter]")?.select();
      else if (event.key === "?") toggleHelp();
      else if (event.key === "Escape") back();
      else if (event.key === "Enter" && document.activeElement === document.body) openSelected();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

/** Unfolds the row that a windowed list has selected: the focus is not on it. */
function openSelected(): void {
  document.querySelector("[data-windowed]")?.dispatchEvent(new CustomEvent("escala-open"));
}

/** Up one level. An overlay that is open takes the key before it comes here. */
function back(): void {
  if (location.hash.replace(/^#\/?/, "").split("?")[0]) history.back();
}
