/** Where a private registry's settings come from, alike in every command that asks registries. */
export const REGISTRIES = {
  type: 'text',
  value: 'FILE',
  files: true,
  description: 'operator settings for registries (docs/registries.md); default: $PINWHEEL_REGISTRIES',
} as const;
