/** Where the work says what happened: figures, and a sentence that holds none. */
export type WorkLog = Readonly<Record<'info' | 'warn' | 'error', (figures: object, said: string) => void>>;
