import { COLLECT_LIMITS } from '@filrouge/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Batch, batchesOf } from './batches.ts';
import type { RowStep } from './import-rows.ts';

async function gather(steps: readonly RowStep[], itemsMax: number): Promise<Batch[]> {
  async function* asSteps(): AsyncGenerator<RowStep> {
    yield* steps;
  }
  const batches: Batch[] = [];
  for await (const batch of batchesOf(asSteps(), itemsMax, 'imp_1')) batches.push(batch);
  return batches;
}

test('batches keep the order, lose nothing, and stay within the limits of the door', async () => {
  const step = fc.record({
    rows: fc.constant(1),
    items: fc.array(
      fc.record({ line: fc.nat(), json: fc.nat({ max: 32_000 }).map((size) => `{"a":"${'x'.repeat(size)}"}`) }),
      { maxLength: 3 },
    ),
    problems: fc.constant([]),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), async (steps, itemsMax) => {
      const batches = await gather(steps, itemsMax);
      for (const { body, lines } of batches) {
        expect(body.length).toBeLessThanOrEqual(COLLECT_LIMITS.bodyBytesMax);
        expect(lines.length).toBeLessThanOrEqual(itemsMax);
      }
      expect(batches.flatMap(({ lines }) => lines)).toEqual(
        steps.flatMap(({ items }) => items.map(({ line }) => line)),
      );
      const sent = batches.flatMap(({ body }) => (JSON.parse(body.toString()) as { batch: unknown[] }).batch);
      for (const { body } of batches)
        expect(JSON.parse(body.toString())).toMatchObject({ context: { import: { id: 'imp_1' } } });
      expect(sent).toEqual(steps.flatMap(({ items }) => items.map(({ json }) => JSON.parse(json) as unknown)));
      expect(batches.reduce((sum, { rows }) => sum + rows, 0)).toBe(steps.length);
    }),
    { numRuns: 40 },
  );
});

test('a file of faults alone does not gather in memory', async () => {
  const fault = { line: 2, column: 'a', code: 'cell-missing', message: '', mend: '' } as const;
  const steps = Array.from({ length: 5_000 }, () => ({ rows: 1, items: [], problems: [fault] }));
  const batches = await gather(steps, 100);
  expect(Math.max(...batches.map(({ problems }) => problems.length))).toBeLessThanOrEqual(1_000);
  expect(batches.reduce((sum, { problems }) => sum + problems.length, 0)).toBe(5_000);
});
