/**
 * The objects of SARIF 2.1.0 (OASIS standard, sections 3.13 to 3.52) that Pinwheel writes, as a closed JSON schema:
 * names, types, required members and enumerations are the standard's; members Pinwheel does not write are refused.
 */
const message = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: { text: { type: 'string', minLength: 1 }, markdown: { type: 'string', minLength: 1 } },
};

const propertyBag = {
  type: 'object',
  properties: { tags: { type: 'array', uniqueItems: true, items: { type: 'string' } } },
};

const level = { enum: ['none', 'note', 'warning', 'error'] };
const absoluteUri = { type: 'string', pattern: '^[a-z]+://' };
/** RFC 3986 relative reference or URI: no blanks, brackets or other characters that must be encoded. */
const uriReference = { type: 'string', pattern: "^[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$" };

const rule = {
  type: 'object',
  required: ['id'],
  additionalProperties: false,
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    shortDescription: message,
    fullDescription: message,
    help: message,
    helpUri: absoluteUri,
    defaultConfiguration: { type: 'object', additionalProperties: false, properties: { level } },
    properties: propertyBag,
  },
};

const result = {
  type: 'object',
  required: ['message'],
  additionalProperties: false,
  properties: {
    ruleId: { type: 'string' },
    ruleIndex: { type: 'integer', minimum: -1 },
    level,
    message,
    locations: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          physicalLocation: {
            type: 'object',
            additionalProperties: false,
            required: ['artifactLocation'],
            properties: {
              artifactLocation: {
                type: 'object',
                additionalProperties: false,
                properties: { uri: uriReference },
              },
              region: {
                type: 'object',
                additionalProperties: false,
                properties: {
                  startLine: { type: 'integer', minimum: 1 },
                  startColumn: { type: 'integer', minimum: 1 },
                },
              },
            },
          },
        },
      },
    },
    partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
    baselineState: { enum: ['new', 'unchanged', 'updated', 'absent'] },
    properties: propertyBag,
  },
};

export const SARIF_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['version', 'runs'],
  additionalProperties: false,
  properties: {
    $schema: absoluteUri,
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tool'],
        additionalProperties: false,
        properties: {
          tool: {
            type: 'object',
            required: ['driver'],
            additionalProperties: false,
            properties: {
              driver: {
                type: 'object',
                required: ['name'],
                additionalProperties: false,
                properties: {
                  name: { type: 'string' },
                  version: { type: 'string' },
                  semanticVersion: { type: 'string' },
                  informationUri: absoluteUri,
                  rules: { type: 'array', uniqueItems: true, items: rule },
                },
              },
            },
          },
          automationDetails: { type: 'object', properties: { id: { type: 'string' } } },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          results: { type: 'array', items: result },
        },
      },
    },
  },
} as const;
