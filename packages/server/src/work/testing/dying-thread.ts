import { parentPort } from 'node:worker_threads';

// A thread that works until it is asked something.
parentPort?.on('message', () => {
  throw new Error('a bug of a step');
});
parentPort?.postMessage({ kind: 'ready' });
