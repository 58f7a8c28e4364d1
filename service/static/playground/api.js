/**
 * The way to the service: one request in flight, of each kind at most one waiting, the newest
 * of its kind. However fast a slider moves, requests never pile up.
 */

const PATIENCE = 20000; // milliseconds for an answer: longer than the service's own deadline
const LONGEST_REST = 10; // seconds
const BUSY = new Set([429, 503]);
const PULSE = 1500; // milliseconds between looks at a service that is gone

/** What went wrong, in the words of the service (RFC 9457). */
export class Problem extends Error {
  /** @param {{detail: string, errors?: Array<Object>, status: number, retry?: ?string}} body */
  constructor(body) {
    super(body.detail || body.title || "The service refused the request.");
    this.status = body.status;
    this.errors = body.errors || [];
    this.seconds = Math.min(LONGEST_REST, Number(body.retry) || 1);
  }
}

/** Nobody answers at all. */
class Gone extends Error {}

export class Lane {
  /**
   * @param {(trouble: ?string) => void} pulse told what is wrong when the service goes or has no time,
   * and null when it is back
   */
  constructor(pulse) {
    this.pulse = pulse;
    this.waiting = new Map();
    this.running = null;
    this.last = null;
    this.alive = true;
    this.counts = { asked: 0, sent: 0, inFlight: 0, mostInFlight: 0, mostWaiting: 0 };
  }

  /**
   * Ask for `path`. A job of the same kind that still waits is forgotten; one in flight is given up
   * if `interrupt` says that nobody wants its answer any more.
   * @param {{kind: string, path: string, message: Object, done: Function, failed: Function,
   *          interrupt?: boolean}} job
   */
  ask(job) {
    this.counts.asked += 1;
    this.waiting.delete(job.kind);
    this.waiting.set(job.kind, job);
    this.counts.mostWaiting = Math.max(this.counts.mostWaiting, this.waiting.size);
    if (job.interrupt && this.running?.kind === job.kind) this.running.controller.abort();
    this.next();
  }

  /** Forget what waits of this kind. */
  forget(kind) {
    this.waiting.delete(kind);
  }

  /** Kinds take turns, so that a moving slider does not starve the curves. */
  next() {
    if (this.running !== null || !this.alive) return;
    const kinds = [...this.waiting.keys()];
    const kind = kinds.find((name) => name !== this.last) ?? kinds[0];
    if (kind === undefined) return;
    const job = this.waiting.get(kind);
    this.waiting.delete(kind);
    this.last = kind;
    this.run(job);
  }

  async run(job) {
    const controller = new AbortController();
    this.running = { kind: job.kind, controller };
    this.counts.sent += 1;
    this.counts.inFlight += 1;
    this.counts.mostInFlight = Math.max(this.counts.mostInFlight, this.counts.inFlight);
    const clock = setTimeout(() => controller.abort("late"), PATIENCE);
    try {
      const answer = await post(job.path, job.message, controller.signal);
      if (!controller.signal.aborted) job.done(answer);
    } catch (error) {
      this.recover(error, job, controller.signal);
    } finally {
      clearTimeout(clock);
      this.running = null;
      this.counts.inFlight -= 1;
      this.next();
    }
  }

  recover(error, job, signal) {
    if (signal.aborted) {
      if (signal.reason === "late") job.failed(new Problem({ detail: "No answer came in time." }));
    } else if (error instanceof Gone) {
      this.keep(job);
      this.look();
    } else if (error instanceof Problem && BUSY.has(error.status) && !job.again) {
      this.keep({ ...job, again: true });
      this.rest(error);
    } else if (error instanceof Problem) {
      job.failed(error);
    } else {
      throw error;
    }
  }

  /** Ask again later, unless there is something newer to ask by now. */
  keep(job) {
    if (!this.waiting.has(job.kind)) this.waiting.set(job.kind, job);
  }

  /** The service has no time: wait as long as it says. Each job is asked for twice at most. */
  async rest(problem) {
    if (!this.alive) return;
    this.alive = false;
    this.pulse(`The service is busy, and is asked again in ${problem.seconds} s: ${problem.message}`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * problem.seconds));
    this.back();
  }

  /** The service is gone: look for it until it is back. */
  async look() {
    if (!this.alive) return;
    this.alive = false;
    this.pulse("The service does not answer. Looking for it again every other second…");
    while (!this.alive) {
      await new Promise((resolve) => setTimeout(resolve, PULSE));
      this.alive = await fetch("/livez").then((answer) => answer.ok, () => false);
    }
    this.back();
  }

  back() {
    this.alive = true;
    this.pulse(null);
    this.next();
  }
}

async function post(path, message, signal) {
  let answer;
  let text;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
      signal,
    });
    text = await answer.text();
  } catch (error) {
    throw error instanceof TypeError ? new Gone() : error;
  }
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Problem({ status: answer.status, detail: `The answer (${answer.status}) is not JSON.` });
  }
  if (!answer.ok) {
    throw new Problem({ ...body, status: answer.status, retry: answer.headers.get("Retry-After") });
  }
  return body;
}
