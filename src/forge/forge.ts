import type { ForgeReader } from './reader.ts';
import type { ForgeRules } from './rules.ts';
import type { ForgeWriter } from './writer.ts';

/** The port to one repository on a code forge. A forge is one folder of adapters that passes `test/contract/forge.ts`. */
export interface Forge extends ForgeReader, ForgeWriter, ForgeRules {}
