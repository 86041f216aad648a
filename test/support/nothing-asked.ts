import type { Asked } from '../../src/pull-requests/outcome.ts';

/** A pass that nobody asked anything of beyond its plan. */
export const NOTHING_ASKED: Asked = { names: () => false, rebuild: new Set() };
