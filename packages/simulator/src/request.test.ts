import { describe, expect, test } from 'vitest';
import { parseRequestLine, requestLine, type SimulatedRequest } from './request.ts';

describe('a line of a requests file', () => {
  test('keeps the body byte for byte, a duplicate key included', () => {
    const request: SimulatedRequest = {
      kind: 'calls',
      source: 'aubrac-server',
      path: '/v1/track',
      body: '{"properties":{"stock":1,"stock":2},"text":"}\\n"}',
      at: 1_700_000_000_000,
      items: 1,
    };
    expect(parseRequestLine(requestLine(request))).toEqual(request);
  });

  test('is refused when it is something else', () => {
    expect(() => parseRequestLine('{"a":1}')).toThrow(SyntaxError);
  });
});
