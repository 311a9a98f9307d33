/** The legacy client carries no types. */
declare module 'analytics-node' {
  type Message = Readonly<Record<string, unknown>>;
  class Analytics {
    constructor(writeKey: string, options?: Readonly<Record<string, unknown>>);
    identify(message: Message, answered: (error?: Error) => void): this;
    track(message: Message, answered: (error?: Error) => void): this;
    page(message: Message, answered: (error?: Error) => void): this;
    screen(message: Message, answered: (error?: Error) => void): this;
    group(message: Message, answered: (error?: Error) => void): this;
    alias(message: Message, answered: (error?: Error) => void): this;
    flush(): Promise<unknown>;
  }
  export = Analytics;
}
