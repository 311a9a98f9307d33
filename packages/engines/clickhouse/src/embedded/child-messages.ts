/** Parent -> child, once, before anything else. Over the IPC channel, so that the token shows in no process list. */
export type StartMessage = {
  readonly kind: 'start';
  readonly dataDir: string;
  readonly configFile: string;
  readonly username: string;
  readonly password: string;
  /** 0 = any; after a crash the port that the clients already know. */
  readonly port: number;
};
export type StopMessage = { readonly kind: 'stop' };
export type ParentMessage = StartMessage | StopMessage;

/** Child -> parent. */
export type ChildMessage =
  | { readonly kind: 'ready'; readonly port: number; readonly version: string }
  /** `busy`: another process holds the port: worth another try. */
  | { readonly kind: 'failed'; readonly busy: boolean; readonly message: string };
