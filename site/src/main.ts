import { Address } from "./app/address";
import { OwnData } from "./app/data";
import { DrawBetween } from "./app/draw-between";
import { Explorer } from "./app/explorer";
import { Keeper } from "./app/keeper";
import { Losses } from "./app/losses";
import { NothingLost } from "./app/nothing-lost";
import { failureOf } from "./app/port";
import { endNews, Run } from "./app/run";
import { readSettings, textOf } from "./app/settings";
import { presetOf, presets, type State } from "./app/state";
import { applyTheme, onSystemTheme } from "./app/theme";
import { savePng } from "./app/weights";
import { Works } from "./app/works";
import { Engine } from "./engine/client";
import type { EndReason, ModelInfo } from "./engine/protocol";
import { MapView } from "./views/map";
import { MastheadView } from "./views/masthead";
import { ModelView } from "./views/model";
import { type Notice, NoticesView } from "./views/notices";
import { type Palette, paletteOf } from "./views/palette";
import { SamplesView } from "./views/samples";
import { TrainingView } from "./views/training";

const part = (id: string): HTMLElement => document.getElementById(id)!;

// The one state, and what is typed but not valid yet.
const address = new Address((next) => {
  state = next;
  formText = textOf(state.train);
  fitToModel();
  explorer.sample(state.samples);
  mapMoved();
});
let state: State = address.read();
let formText = textOf(state.train);
let notices: Notice[] = [];

const engine = new Engine();
const explorer = new Explorer(engine, {
  onChange: render,
  onDigit(pixels) {
    map.showDigit(pixels);
    works.show("map", pixels);
  },
  onError: reportError,
});
const keeper = new Keeper(engine, { onChange: render, onModel: modelChanged, notify, dismiss, onNews: say });
const run = new Run(engine, {
  onChange: render,
  onNews: say,
  onError: reportError,
  onEnd: runEnded,
  onLook: lookOn,
});

const kept = new NothingLost(part("notices"), { engine, keeper, run, explorer, notify, dismiss, onError: reportError });

engine.onLost(({ message }) => {
  keeper.lost(message);
  run.lost();
  explorer.engineLost();
  ownData.engineLost();
});

const noticesView = new NoticesView(part("notices"), dismiss);
const masthead = new MastheadView(part("masthead"), { onTheme: (theme) => change({ theme }) });
const samples = new SamplesView(part("samples"), {
  onChange(changed) {
    change({ samples: { ...state.samples, ...changed } });
    explorer.sample(state.samples);
  },
  onSave: (canvas) => void savePng(canvas, `vae-lab-seed-${state.samples.seed}.png`).catch(reportError),
});
const map = new MapView(part("map"), {
  onLook: (z) => explorer.look(z),
  onPin: pin,
  onChange(changed) {
    change({ map: { ...state.map, ...changed } });
    if (changed.axes || changed.spacing) mapMoved();
  },
  onLoadData: () => void showTestDigits(),
});
const drawBetween = new DrawBetween({ draw: part("draw"), between: part("between") }, engine, explorer, {
  onChange: render,
  onError: reportError,
  onNews: say,
  onPin: pin,
});
const ownData = new OwnData(part("data"), engine, {
  onChange: render,
  onNews: say,
  onReplaced({ test }, own) {
    explorer.dataReplaced(test, own);
    drawBetween.dataChanged();
    void showTestDigits();
  },
});
const training = new TrainingView(part("training"), {
  onEdit(field, text) {
    formText = { ...formText, [field]: text };
    change({ train: readSettings(formText, state.train, keeper.model?.config).settings });
  },
  onPreset(name) {
    const { images, epochs, seed, from, model } = state.train;
    change({ train: { ...structuredClone(presets[name]), images, epochs, seed, from, model } });
    formText = textOf(state.train);
    render();
  },
  onStart: () => void run.start(ownData.fit(state.train), () => explorer.loadData()),
  onPause: () => void run.pause(),
  onResume: () => void run.resume(),
  onStop: () => void run.stop(),
  onUnit: (unit) => change({ unit }),
});
const modelView = new ModelView(part("model"), {
  onDownload: () => void keeper.download(),
  onFile: (file) => void keeper.openFile(file),
  onPretrained: () => void keeper.backToPretrained(),
});

const works = new Works(part("works"), { engine, data: explorer, onChange: render, onError: reportError, onNews: say });

function change(changed: Partial<State>): void {
  state = { ...state, ...changed };
  address.write(state);
  render();
}

/** The point, axes and settings must suit the model's latent size. */
function fitToModel(): void {
  const latent = keeper.model?.config.latent;
  if (latent === undefined) return;
  const z = Array.from({ length: latent }, (_, i) => state.map.z[i] ?? 0);
  const fits = state.map.axes.every((axis) => axis < latent) || latent === 1;
  state = { ...state, map: { ...state.map, z, axes: fits && latent > 1 ? state.map.axes : [0, 1] } };
  state.train = readSettings(formText, state.train, keeper.model?.config).settings;
}

function pin(z: number[]): void {
  change({ map: { ...state.map, z } });
  mapMoved((keeper.model?.config.latent ?? 2) > 2);
}

function mapMoved(redraw = true): void {
  if (keeper.model === undefined) return;
  if (redraw) explorer.drawMap(state.map);
  explorer.look(state.map.z);
  render();
}

let firstModel = true;
function modelChanged(model: ModelInfo): void {
  explorer.modelChanged(model.config.latent);
  drawBetween.modelChanged(model);
  works.modelChanged(model);
  fitToModel();
  explorer.sample(state.samples);
  mapMoved();
  if (explorer.hasData && !run.active) void showTestDigits();
  if (!firstModel) return;
  firstModel = false;
  // The digits come first; then the test set for the map, unless the person asked browsers to save data.
  const connection = (navigator as { connection?: { saveData?: boolean } }).connection;
  if (!connection?.saveData) setTimeout(() => void showTestDigits(), 600);
}

async function showTestDigits(): Promise<void> {
  try {
    await explorer.loadData();
  } catch {
    return; // the map says what failed and offers to try again
  }
  await explorer.reconstruct().catch(reportError);
  await explorer.encodeTest();
}

/** What is drawn about once a second while a model trains. */
async function lookOn(): Promise<void> {
  explorer.sample(state.samples);
  explorer.drawMap(state.map);
  explorer.look(state.map.z);
  drawBetween.look();
  await explorer.reconstruct();
  if (explorer.points) await explorer.refreshPoints(120);
  else void explorer.encodeTest();
}

function runEnded(reason: EndReason, message: string): void {
  say(endNews[reason]);
  if (reason === "diverged") {
    notify({
      id: "run",
      kind: "warning",
      title: "The loss exploded, so training stopped",
      text: `${message} The model is back at its last good state. A learning rate ten times smaller usually helps.`,
    });
  }
  explorer.sample(state.samples);
  mapMoved();
  void showTestDigits();
}

function notify(notice: Notice): void {
  notices = [...notices.filter(({ id }) => id !== notice.id), notice];
  render();
}

function dismiss(id: string): void {
  notices = notices.filter((notice) => notice.id !== id);
  render();
}

function say(text: string): void {
  noticesView.say(text);
}

function reportError(error: unknown): void {
  const { message } = failureOf(error);
  // When the engine is gone everything pending fails, and onLost has said why.
  if (keeper.state.kind === "failed") return;
  notify({ id: "error", kind: "error", title: "That did not work", text: message });
}

let scheduled = false;
function render(): void {
  if (scheduled) return;
  scheduled = true;
  // Not requestAnimationFrame: a tab in the background would fall behind its own run.
  setTimeout(() => {
    scheduled = false;
    draw(paletteOf(applyTheme(state.theme)));
  }, 16);
}

const lossesShown = new Losses();
function draw(palette: Palette): void {
  const { model } = keeper;
  const live = run.phase === "running";
  explorer.training = live;
  kept.update(run.active);
  const { errors } = readSettings(formText, state.train, model?.config);
  masthead.update({ theme: state.theme, engine: keeper.state });
  noticesView.update(notices);
  samples.update({
    ...state.samples,
    pixels: explorer.samples,
    trained: model?.source !== "initial",
    busy: keeper.busy,
    live,
    palette,
  });
  drawBetween.update({
    ready: model !== undefined && !keeper.busy,
    pin: state.map.z,
    live,
    palette,
  });
  map.update({
    ...state.map,
    posterior: drawBetween.posterior,
    trail: drawBetween.trail,
    latent: model?.config.latent ?? 2,
    showManifold: state.map.manifold,
    showScatter: state.map.scatter,
    manifold: explorer.manifold,
    points: explorer.points,
    status: explorer.status,
    live,
    palette,
  });
  const losses = lossesShown.now(run.curves, state.train, state.unit);
  training.update({
    form: {
      text: formText,
      errors,
      preset: presetOf(state.train),
      disabled: run.active,
      canContinue: model !== undefined && model.source !== "initial",
    },
    phase: run.phase,
    ready: model !== undefined && !keeper.busy,
    progress: run.progress,
    charts: losses.charts,
    hasRun: run.curves !== undefined,
    table: losses.table,
    unit: state.unit,
    reconstructions: explorer.strip && { ...explorer.strip, palette },
    palette,
  });
  ownData.update({ ready: model !== undefined && !keeper.busy, running: run.active, palette });
  works.update({ ready: model !== undefined, live, drawing: drawBetween.image, palette });
  modelView.update({ model, engine: keeper.engineInfo, running: run.active, busy: keeper.busy });
}

onSystemTheme(render);
draw(paletteOf(applyTheme(state.theme)));
void keeper.open();
