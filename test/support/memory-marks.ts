/** The marks of a queue, in memory. */
export function memoryMarks(marks: Map<string, string> = new Map()) {
  return {
    mark: async (name: string): Promise<string | null> => marks.get(name) ?? null,
    setMark: async (name: string, text: string): Promise<void> => void marks.set(name, text),
  };
}
