/** What the forge refuses or fails to do, as its adapters say it. */
export class MemoryForgeError extends Error {
  readonly code: string;
  readonly temporary: boolean;

  constructor(code: string, temporary = false, message = `the forge says ${code}`) {
    super(message);
    this.name = 'MemoryForgeError';
    this.code = code;
    this.temporary = temporary;
  }
}
