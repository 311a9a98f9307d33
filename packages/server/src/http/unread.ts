import type { Socket } from 'node:net';
import type { ProblemCode } from '@filrouge/wire';
import { problemOf } from '@filrouge/wire';
import { statusOf } from './problem-answer.ts';

/** Answers what never became a request: no HTTP, too much before the body, or too slow. Then the connection ends. */
export function answerUnread(fault: Error & { readonly code?: string }, socket: Socket): void {
  if (fault.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answerOf(codeOf(fault)));
  socket.destroy();
}

function codeOf({ code }: { readonly code?: string }): ProblemCode {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-too-slow';
  return code === 'HPE_HEADER_OVERFLOW' ? 'head-too-large' : 'request-unreadable';
}

/** Nobody's language is known: the headers were not read. */
function answerOf(code: ProblemCode): string {
  const status = statusOf(code);
  const body = JSON.stringify(problemOf({ code, pointer: '' }, 'en', status));
  const head = [
    `HTTP/1.1 ${status} ${code}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
