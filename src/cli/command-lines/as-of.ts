/** The day that pins are judged on. */
export const AS_OF = {
  type: 'text',
  value: 'DATE',
  description: 'judge as on that day (YYYY-MM-DD, UTC): what will fail by then?',
} as const;
