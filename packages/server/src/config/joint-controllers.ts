import type { CheckedConfig } from './config-schema.ts';

/**
 * What is wrong with the groups of joint controllers and with the notices that speak for several brands (S1). Each
 * brand is in one group at most: two groups that share a brand would be one without saying so.
 */
export function jointProblems({ brands, jointControllers, notices }: CheckedConfig): readonly string[] {
  const problems: string[] = [];
  const known = new Set(brands.map(({ id }) => id));
  const groupOf = new Map<string, string>();
  const ids = new Set<string>();
  for (const [at, group] of jointControllers.entries()) {
    const place = `/jointControllers/${at}`;
    if (ids.has(group.id)) problems.push(`${place}/id: ${group.id} is declared twice.`);
    ids.add(group.id);
    for (const [i, brand] of group.brands.entries()) {
      const before = groupOf.get(brand);
      if (!known.has(brand)) {
        problems.push(`${place}/brands/${i}: there is no brand ${brand}; declare it under brands.`);
      } else if (before !== undefined) {
        problems.push(`${place}/brands/${i}: ${brand} is in ${before} already; a brand is in one group, once.`);
      }
      groupOf.set(brand, before ?? group.id);
    }
  }
  for (const [at, notice] of notices.entries()) {
    for (const [i, brand] of (notice.brands ?? []).entries()) {
      const group = groupOf.get(notice.brand);
      if (group !== undefined && groupOf.get(brand) === group) continue;
      problems.push(
        `/notices/${at}/brands/${i}: ${notice.brand} and ${brand} are in no group; declare one under jointControllers.`,
      );
    }
  }
  return problems;
}
