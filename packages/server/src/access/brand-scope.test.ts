import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import { expect, test } from 'vitest';
import { buildDeployment } from '../config/build-deployment.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { brandFor } from './brand-scope.ts';

const of = (...ids: readonly string[]): Deployment =>
  buildDeployment({ brands: ids.map((id) => ({ id, name: id })), properties: [], sources: [] }, 'brand-scope');

test('S1: the only brand need not be named, one of several must be, from those there are', () => {
  expect(brandFor({}, of('maison'), undefined)).toBe('maison');
  const asked = (): BrandId => brandFor({}, of('voisin', 'maison'), undefined);
  expect(asked).toThrow(ProblemAnswer);
  expect(asked).toThrow(expect.objectContaining({ pointer: '/brand', extra: { choices: ['maison', 'voisin'] } }));
});
