/** The day that pins are judged on. */
export const AS_OF = {
  type: 'text',
  value: 'DATE',
  description: 'check as of that day (YYYY-MM-DD, UTC), to see what will fail by then',
} as const;
