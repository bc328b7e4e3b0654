import { EngineFailure } from "./failure";
import type { ReplicaPort } from "./lane";
import type { EngineMemory } from "./memory";
import { ReplicaPool } from "./pool";
import type { EngineCalls, EngineEvent, Requests, RunInfo } from "./protocol";
import type { JobAnswer, ReplicaJob } from "./replica-protocol";
import type { Lender } from "./slices";
import { LeaderSource } from "./source";
import type { Program } from "./start";
import { Team } from "./team";

/** What one can have: more replicas than that have nothing to do in a step of eight shards. */
const maxWorkers = 8;

export interface StaffOptions {
  calls: EngineCalls;
  memory: EngineMemory;
  program: Program;
  workers: number;
  emit: (event: EngineEvent) => void;
  now: () => number;
  /** Starts a worker that runs replica.ts. */
  startReplica: () => ReplicaPort;
}

/** The leader's replicas: for a run's steps, and for large requests while there is none. */
export class Staff {
  readonly source: LeaderSource;
  private readonly pool: ReplicaPool;
  private begun = false;
  private wanted: number;

  constructor(private readonly options: StaffOptions) {
    const { memory, program, emit, now, startReplica } = options;
    this.wanted = options.workers;
    this.source = new LeaderSource(memory);
    this.pool = new ReplicaPool({
      source: this.source,
      shared: globalThis.crossOriginIsolated === true,
      now,
      start: () => {
        const port = startReplica();
        port.postMessage({ type: "start", program }, []);
        return port;
      },
      everySecond: (tick) => {
        const timer = setInterval(tick, 1000);
        return () => clearInterval(timer);
      },
      onLoss: (workers, message) =>
        emit({
          type: "workers",
          workers,
          message: workers > 0 ? message : `${message} The engine goes on with a single thread, more slowly.`,
        }),
    });
  }

  /** Starts the replicas, unless they are started: once the page has what it shows first. */
  begin(): void {
    if (this.begun) return;
    this.begun = true;
    this.pool.resize(this.wanted);
  }

  resize(workers: number): number {
    this.wanted = checkWorkers(workers);
    if (this.begun) this.pool.resize(this.wanted);
    return this.wanted;
  }

  /** Those who compute a run's steps. */
  team({ settings }: Requests["train"], run: RunInfo): Team {
    this.begin();
    const { calls, memory } = this.options;
    const { pool, source } = this;
    const { seed, objective, beta, batch } = settings;
    return new Team({
      pool,
      memory,
      source,
      calls,
      run,
      batch,
      setup: { config: run.model.config, seed, objective, beta },
    });
  }

  /** Lends replicas that nobody needs: `busy` says when they have better to do. */
  lender<Part>(
    busy: () => boolean,
    job: (start: number, end: number) => ReplicaJob,
    answer: (answer: NonNullable<JobAnswer>, start: number, end: number) => Part,
  ): Lender<Part> {
    return {
      free: () => (busy() ? 0 : this.pool.idle),
      lend: (start, end) =>
        new Promise((resolve, reject) => {
          this.pool.submit({
            images: end - start,
            job: () => job(start, end),
            done: (given) => resolve(answer(given!, start, end)),
            failed: (failure) => (failure.kind === "state" ? resolve(undefined) : reject(failure)),
          });
        }),
    };
  }

  /** The size of a part, so that each replica gets about four. */
  share(total: number, least: number, most: number): number {
    return Math.max(least, Math.min(most, Math.ceil(total / (4 * Math.max(1, this.pool.ready)))));
  }
}

/** One for each core, unless the setting says otherwise. */
export function workersWanted(setting: number | undefined): number {
  if (setting !== undefined) return checkWorkers(setting);
  return Math.max(1, Math.min(maxWorkers, globalThis.navigator?.hardwareConcurrency ?? 1));
}

function checkWorkers(workers: number): number {
  if (Number.isInteger(workers) && workers >= 1 && workers <= maxWorkers) return workers;
  throw new EngineFailure("input", `The number of workers is ${workers}, want a whole number from 1 to ${maxWorkers}.`);
}
