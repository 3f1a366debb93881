import { equal } from "node:assert/strict";
import { test } from "node:test";
import css from "../style/tokens.css";

type Colors = Record<string, string>;

const SURFACES = ["bg", "surface", "sunken", "hover", "accent-soft"];

/** Text on what it stands on: WCAG AA asks for 4.5. */
const TEXTS: [texts: string[], on: string[]][] = [
  [["text", "text-muted", "accent"], SURFACES],
  [["repeat", "queries", "good", "bad"], ["surface", "hover"]],
  [["good"], ["good-soft"]],
  [["bad"], ["bad-soft"]],
  [["warn"], ["warn-soft"]],
  [["text-muted"], ["quiet-soft", "add", "remove"]],
  [["t-keyword", "t-string", "t-number", "t-comment", "t-tag"], ["sunken", "surface", "line-here"]],
  [["t-keyword", "t-number"], ["hover", "accent-soft"]],
  [["text"], ["add", "remove", "add-mark", "remove-mark", "line-here"]],
];

/** Marks and edges of controls: 3. */
const MARKS: [marks: string[], on: string[]][] = [
  [["db", "python", "repeat"], ["surface", "accent-soft"]],
  [["control", "focus", "heat-mid", "line-edge"], ["surface"]],
];

function colors(block: string): Colors {
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]));
}

function luminance(hex: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function tooPale(theme: Colors, pairs: [string[], string[]][], least: number): string {
  const all = pairs.flatMap(([fronts, backs]) => fronts.flatMap((front) => backs.map((back) => [front, back] as const)));
  return all
    .filter(([front, back]) => !(contrast(theme[front] ?? "", theme[back] ?? "") >= least))
    .map(([front, back]) => `${front} on ${back}`)
    .join(", ");
}

test("every colour can be read, in both themes", () => {
  const [light = "", dark = ""] = css.split('[data-theme="dark"]');
  for (const theme of [colors(light), { ...colors(light), ...colors(dark) }]) {
    equal(tooPale(theme, TEXTS, 4.5), "");
    equal(tooPale(theme, MARKS, 3), "");
  }
});
