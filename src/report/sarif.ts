/** SARIF 2.1.0 (OASIS), the part GitHub code scanning reads. */

export type SarifLevel = 'none' | 'note' | 'warning' | 'error';

export type SarifTool = {
  readonly name: string;
  readonly version: string;
  /** Absolute. */
  readonly informationUri?: string;
};

export type SarifRule = {
  /** Unique in the log: `CVE-2026-1111`, `pinwheel/expired`. */
  readonly id: string;
  /** One plain sentence. */
  readonly description: string;
  /** Plain text shown under the alert; the description where absent. */
  readonly help?: string;
  readonly helpUri?: string;
  readonly level: SarifLevel;
  /** CVSS-like score 0.0 to 10.0, by which GitHub sorts security alerts into critical, high, medium and low. */
  readonly securitySeverity?: number;
  readonly tags?: readonly string[];
};

export type SarifResult = {
  readonly ruleId: string;
  readonly level: SarifLevel;
  /** Plain text. */
  readonly message: string;
  /** Path in the repository, relative with `/`; any other artefact's URI where there is no file. */
  readonly path: string;
  /** 1-based line; absent where the whole file is meant. */
  readonly line?: number;
  /** Text that stays the same from run to run, by which an alert is recognised. */
  readonly fingerprint: string;
  /** How the result stands against the run before (spec §3.27.24). */
  readonly baselineState?: 'new' | 'unchanged' | 'updated' | 'absent';
  readonly properties?: Readonly<Record<string, string | number | boolean | null>>;
};

/** One run of a log; `automationDetails.id` is its category. */
export type SarifRun = {
  readonly automationDetails?: { readonly id: string };
  readonly [property: string]: unknown;
};

/** A SARIF log as plain data, ready for `JSON.stringify`. */
export type SarifLog = {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly SarifRun[];
};

/**
 * One run of one tool as a SARIF 2.1.0 log. Rules are de-duplicated by id (the first wins) and sorted; a result whose
 * rule is missing gets a bare one, for every result must point to a rule. Paths become URI references.
 * Pure; never throws.
 */
export function sarifLog(init: {
  readonly tool: SarifTool;
  readonly rules: readonly SarifRule[];
  readonly results: readonly SarifResult[];
  /** Tells several uploads for one commit apart (§3.17.3), e.g. `pinwheel/scan/`. */
  readonly category?: string;
}): SarifLog {
  const rules = new Map<string, SarifRule>();
  for (const rule of init.rules) if (!rules.has(rule.id)) rules.set(rule.id, rule);
  for (const result of init.results) {
    if (!rules.has(result.ruleId)) {
      rules.set(result.ruleId, { id: result.ruleId, description: result.ruleId, level: result.level });
    }
  }
  const sorted = [...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const indexes = new Map(sorted.map((rule, index) => [rule.id, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: init.tool.name,
            semanticVersion: init.tool.version,
            ...(init.tool.informationUri === undefined ? {} : { informationUri: init.tool.informationUri }),
            rules: sorted.map(ruleObject),
          },
        },
        ...(init.category === undefined ? {} : { automationDetails: { id: init.category } }),
        columnKind: 'utf16CodeUnits',
        results: init.results.map((result) => resultObject(result, indexes.get(result.ruleId) ?? 0)),
      },
    ],
  };
}

function ruleObject(rule: SarifRule): unknown {
  return {
    id: rule.id,
    shortDescription: { text: text(rule.description, 1024, rule.id) },
    fullDescription: { text: text(rule.description, 1024, rule.id) },
    help: { text: text(rule.help ?? rule.description, 8192, rule.id) },
    ...(rule.helpUri !== undefined && URL.canParse(rule.helpUri) ? { helpUri: rule.helpUri } : {}),
    defaultConfiguration: { level: rule.level },
    properties: {
      ...(rule.tags === undefined || rule.tags.length === 0 ? {} : { tags: [...new Set(rule.tags)] }),
      ...(rule.securitySeverity === undefined
        ? {}
        : { 'security-severity': rule.securitySeverity.toFixed(1) }),
    },
  };
}

function resultObject(result: SarifResult, ruleIndex: number): unknown {
  return {
    ruleId: result.ruleId,
    ruleIndex,
    level: result.level,
    message: { text: text(result.message, 4096, result.ruleId) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriReference(result.path) },
          region: { startLine: Math.max(1, Math.trunc(result.line ?? 1)) },
        },
      },
    ],
    partialFingerprints: { 'pinwheel/v1': result.fingerprint },
    ...(result.baselineState === undefined ? {} : { baselineState: result.baselineState }),
    ...(result.properties === undefined ? {} : { properties: result.properties }),
  };
}

/** A relative path as a URI reference (RFC 3986): each segment percent-encoded, a first segment's colon too. */
function uriReference(path: string): string {
  return path
    .toWellFormed()
    .split('/')
    .map((segment) => encodeURIComponent(segment))
    .join('/');
}

function text(value: string, limit: number, fallback: string): string {
  const wellFormed = harmless(value.toWellFormed()).trim();
  if (wellFormed === '') return fallback === '' ? '-' : fallback;
  return wellFormed.length <= limit ? wellFormed : `${wellFormed.slice(0, limit - 1).toWellFormed()}…`;
}

/** One line without control and bidirectional characters, and without embedded links (SARIF 2.1.0, section 3.11.6). */
function harmless(value: string): string {
  return value
    .replace(/[\s\u0085]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replaceAll('](', '] (');
}
