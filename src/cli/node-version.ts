/** What `engines.node` of package.json says, in words for a person. */
export const SUPPORTED_NODE = '^22.22.2 || ^24.15 || >=26';

/** Whether a Node.js version `24.15.0` is one that Pinwheel supports ({@link SUPPORTED_NODE}). */
export function runningOnSupportedNode(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (major >= 26) return true;
  if (major === 24) return minor >= 15;
  return major === 22 && (minor > 22 || (minor === 22 && patch >= 2));
}
