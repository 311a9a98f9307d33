import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HOUR_MS, instant } from '@filrouge/domain/base';
import type { ExportQuery } from '@filrouge/pipeline';
import { ExportJob, type ExportOrder, type ExportsDeps } from './export-job.ts';

/**
 * How long an export lives, from its beginning. Permissions are asked as of its end, so that none runs out in it.
 * Unit: ms.
 */
export const EXPORT_LIFE_MS = 6 * HOUR_MS;
/** Exports that are read at a time: each takes a share of the engines. */
const RUNNING_MAX = 2;
/** Exports that lie ready at a time, or are read. */
const KEPT_MAX = 16;

/** The exports of this process. They live in its memory, like the keys of their spools. */
export class Exports {
  readonly #deps: ExportsDeps;
  readonly #jobs = new Map<string, ExportJob>();

  constructor(deps: ExportsDeps) {
    this.#deps = deps;
  }

  /** Removes what an earlier process left: nobody has its keys. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#deps.directory).catch(() => []);
    for (const name of names) await rm(join(this.#deps.directory, name), { force: true });
  }

  /** Undefined while as many are under way as may be. Throws while there is no room on the disk; counting needs none. */
  async begin(
    order: Omit<ExportOrder, 'id' | 'begunAt' | 'query'> & { readonly query: Omit<ExportQuery, 'now'> },
  ): Promise<ExportJob | undefined> {
    if (!order.dryRun) await this.#deps.requireRoom();
    await this.#makeRoom();
    const running = [...this.#jobs.values()].filter(({ state }) => state === 'running').length;
    if (running >= RUNNING_MAX || this.#jobs.size >= KEPT_MAX) return undefined;
    const begunAt = this.#deps.now();
    const query = { ...order.query, now: instant(begunAt + EXPORT_LIFE_MS) };
    const job = new ExportJob(this.#deps, { ...order, query, begunAt, id: `exp_${randomBytes(12).toString('hex')}` });
    this.#jobs.set(job.order.id, job);
    job.begin();
    this.#forgetLater(job);
    return job;
  }

  /** An export of this token’s; undefined where there is none, or its time is over. */
  find(id: string, bearer: string): ExportJob | undefined {
    const job = this.#jobs.get(id);
    return job?.order.bearer === bearer ? job : undefined;
  }

  async remove(job: ExportJob): Promise<void> {
    this.#jobs.delete(job.order.id);
    await job.close();
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.values()) await this.remove(job);
  }

  #forgetLater(job: ExportJob): void {
    const timer = setTimeout(() => void this.remove(job).catch(this.#deps.onFault), EXPORT_LIFE_MS);
    timer.unref();
    job.onClose(() => clearTimeout(timer));
  }

  /** What was fetched and not removed gives way to what is asked for now, the oldest first. */
  async #makeRoom(): Promise<void> {
    const over = [...this.#jobs.values()].filter(({ state }) => state === 'published' || state === 'failed');
    for (const job of over.slice(0, Math.max(0, this.#jobs.size - KEPT_MAX + 1))) await this.remove(job);
  }
}
