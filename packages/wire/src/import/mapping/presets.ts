import type { Preset } from './preset.ts';

/** Known exports; filled where their names do not speak for themselves. */
export const PRESETS: readonly Preset[] = [];
