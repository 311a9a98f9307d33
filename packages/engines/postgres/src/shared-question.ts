import { EngineError } from '@filrouge/ports';

/** Statements of one kind under way at a time: a slow one does not hold up all that come after it. */
const UNDER_WAY_MAX = 2;
/** How much one statement asks for at most, as `sizeOf` counts. */
const TOGETHER_MAX = 200;

type Waiting<Question, Answer> = {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (fault: unknown) => void;
};

/**
 * Callers that ask the same kind of question at the same moment share a statement, and so do those that come while two
 * are under way. Each is answered by a statement that began after it had asked, so that nobody learns what has passed.
 * What takes too long or fails together is asked again one by one: one caller's fault is not the others'.
 */
export class SharedQuestion<Question, Answer> {
  readonly #askAll: (questions: readonly Question[]) => Promise<readonly Answer[]>;
  readonly #sizeOf: (question: Question) => number;
  #waiting: Waiting<Question, Answer>[] = [];
  #underWay = 0;
  #called = false;

  constructor(options: {
    /** Answers in the order of the questions. */
    readonly askAll: (questions: readonly Question[]) => Promise<readonly Answer[]>;
    readonly sizeOf?: (question: Question) => number;
  }) {
    this.#askAll = options.askAll;
    this.#sizeOf = options.sizeOf ?? (() => 1);
  }

  async ask(question: Question): Promise<Answer> {
    // A large one is a statement of its own: it would make the others wait.
    if (this.#sizeOf(question) > TOGETHER_MAX) return (await this.#askAll([question]))[0] as Answer;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      this.#call();
    });
  }

  /** Requests that the event loop reads in one turn are put together. */
  #call(): void {
    if (this.#called || this.#underWay >= UNDER_WAY_MAX) return;
    this.#called = true;
    setImmediate(() => {
      this.#called = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const group = this.#take();
    if (group.length === 0) return;
    this.#underWay += 1;
    if (this.#waiting.length > 0) this.#call();
    await this.#settle(group);
    this.#underWay -= 1;
    if (this.#waiting.length > 0) this.#call();
  }

  #take(): readonly Waiting<Question, Answer>[] {
    let size = 0;
    let count = 0;
    for (const { question } of this.#waiting) {
      size += this.#sizeOf(question);
      if (size > TOGETHER_MAX) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #settle(group: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#askAll(group.map(({ question }) => question));
      for (const [at, { resolve }] of group.entries()) resolve(answers[at] as Answer);
    } catch (fault) {
      if (group.length === 1 || !isOfOne(fault)) for (const { reject } of group) reject(fault);
      else for (const one of group) await this.#settle([one]);
    }
  }
}

/** True for what one question of many may be at fault for. */
function isOfOne(fault: unknown): boolean {
  return !(fault instanceof EngineError) || fault.failure === 'timeout' || fault.failure === 'other';
}
