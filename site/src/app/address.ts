import { hashOf, stateOf } from "./hash";
import type { State } from "./state";

/** Keeps the address's hash and the state in step. */
export class Address {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onChange: (state: State) => void) {
    window.addEventListener("hashchange", () => {
      const hash = location.hash.slice(1);
      // Links within the page (#map) scroll; they are no state.
      if (hash !== "" && !hash.includes("=")) return;
      onChange(stateOf(hash));
    });
    // A link to a part of the page must not throw the state out of the address.
    document.addEventListener("click", (event) => {
      const link = (event.target as Element).closest?.('a[href^="#"]');
      const target = link && document.getElementById(link.getAttribute("href")!.slice(1));
      if (!target) return;
      event.preventDefault();
      target.focus({ preventScroll: true });
      target.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    });
  }

  read(): State {
    return stateOf(location.hash);
  }

  /** Writes soon: browsers refuse an address that changes with every pointer move. */
  write(state: State): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const hash = hashOf(state);
      if (hash === location.hash.slice(1)) return;
      history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
    }, 250);
  }
}
