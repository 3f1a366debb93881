// Light or dark: as the system says until the viewer says otherwise.

import { useEffect, useState } from "preact/hooks";

export type Choice = "auto" | "light" | "dark";

const KEY = "escala-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export function stored(): Choice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "auto";
  } catch {
    return "auto";
  }
}

function apply(choice: Choice): void {
  const dark = choice === "dark" || (choice === "auto" && system.matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  dispatchEvent(new Event("escala-theme"));
}

export function start(): void {
  apply(stored());
  system.addEventListener("change", () => apply(stored()));
}

export function choose(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  apply(choice);
}

/** The theme in force. What draws on a canvas draws anew when it changes. */
export function useTheme(): "light" | "dark" {
  const now = (): "light" | "dark" => (document.documentElement.dataset["theme"] === "dark" ? "dark" : "light");
  const [theme, set] = useState(now);
  useEffect(() => {
    const changed = (): void => set(now());
    addEventListener("escala-theme", changed);
    return () => removeEventListener("escala-theme", changed);
  }, []);
  return theme;
}

/** A colour of the stylesheet, for a canvas. */
export function color(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
}
