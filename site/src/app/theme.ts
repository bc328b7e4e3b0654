import type { ThemeChoice } from "./state";

const systemDark = matchMedia("(prefers-color-scheme: dark)");

/** Puts the choice on the page; true where the page is dark now. */
export function applyTheme(choice: ThemeChoice): boolean {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  return choice === "dark" || (choice === "system" && systemDark.matches);
}

export function onSystemTheme(listener: () => void): void {
  systemDark.addEventListener("change", listener);
}
