import { createHash } from 'node:crypto';
import type { Sbom } from './sbom.ts';

/**
 * The SBOM as an SPDX 2.3 JSON document. `created` is an ISO 8601 instant in UTC. Equal input gives equal text.
 */
export function writeSpdx(
  sbom: Sbom,
  subject: { readonly name: string; readonly digest: string; readonly created: Date },
): string {
  const hash = createHash('sha256').update(subject.digest).digest('hex').slice(0, 32);
  const packages = sbom.packages.map((item, index) => ({
    ...element(`Package-${index}`, item.name, item.version),
    ...(item.source === null
      ? {}
      : { sourceInfo: `built package from: ${item.source.name} ${item.source.version ?? item.version}` }),
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: item.purl },
    ],
  }));
  const image = {
    ...element('Image', subject.name, subject.digest),
    primaryPackagePurpose: 'CONTAINER',
  };
  const os =
    sbom.os === null
      ? []
      : [
          {
            ...element('OperatingSystem', sbom.os.id, sbom.os.version),
            primaryPackagePurpose: 'OPERATING-SYSTEM',
          },
        ];
  return JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: subject.name,
    documentNamespace: `https://pinwheel.invalid/spdx/${hash}`,
    creationInfo: {
      created: `${subject.created.toISOString().slice(0, 19)}Z`,
      creators: ['Tool: pinwheel'],
    },
    packages: [image, ...os, ...packages],
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-Image'),
      ...[...os, ...packages].map((item) => relationship('SPDXRef-Image', 'CONTAINS', item.SPDXID)),
    ],
  });
}

/** What every package element says, in the order it says it; nothing is known of files and licences. */
function element(id: string, name: string, version: string) {
  return {
    SPDXID: `SPDXRef-${id}`,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
  };
}

function relationship(from: string, type: string, to: string): unknown {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}
