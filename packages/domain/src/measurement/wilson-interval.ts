/** 97.5 % quantile of the normal distribution: two-sided 95 %. */
const Z = 1.959963984540054;

/** A share with its 95 % interval. */
export type Interval = { readonly low: number; readonly high: number };

/**
 * Wilson's score interval (1927) for a share `p` in 0..1 that rests on `n` independent observations; n may be the
 * effective number of a complex sample, where it keeps its coverage best (Franco, Little, Louis and Slud, Journal of
 * Survey Statistics and Methodology 7, 2019). n = 0: the whole of 0..1.
 */
export function wilsonInterval(p: number, n: number): Interval {
  if (!(n > 0)) return { low: 0, high: 1 };
  const scale = 1 + Z ** 2 / n;
  const centre = (p + Z ** 2 / (2 * n)) / scale;
  const half = (Z / scale) * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
