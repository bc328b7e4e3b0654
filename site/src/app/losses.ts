import type { ChartData, Quantity, TableRow } from "../views/loss-chart";
import { Curves, quantities } from "./curves";
import type { LossUnit, State } from "./state";

export interface LossesShown {
  charts: Record<Quantity, ChartData>;
  table: TableRow[];
}

/** The run's charts and table, or before a run the book's; made anew only when something was added. */
export class Losses {
  private key: unknown[] = [];
  private shown: LossesShown | undefined;

  now(run: Curves | undefined, { objective, epochs }: State["train"], unit: LossUnit): LossesShown {
    const key = [run, run?.version, unit, run ? "" : `${objective} ${epochs}`];
    if (this.shown && key.every((value, i) => value === this.key[i])) return this.shown;
    const curves = run ?? new Curves(objective, epochs);
    const charts = Object.fromEntries(quantities.map((q) => [q, curves.chart(q, unit)]));
    this.key = key;
    this.shown = { charts: charts as Record<Quantity, ChartData>, table: curves.table(unit) };
    return this.shown;
  }
}
