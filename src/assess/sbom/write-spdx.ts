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
    SPDXID: `SPDXRef-Package-${index}`,
    name: item.name,
    versionInfo: item.version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    ...(item.source === null
      ? {}
      : { sourceInfo: `built package from: ${item.source.name} ${item.source.version ?? item.version}` }),
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: item.purl },
    ],
  }));
  const image = {
    SPDXID: 'SPDXRef-Image',
    name: subject.name,
    versionInfo: subject.digest,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'CONTAINER',
  };
  const os =
    sbom.os === null
      ? []
      : [
          {
            ...image,
            SPDXID: 'SPDXRef-OperatingSystem',
            name: sbom.os.id,
            versionInfo: sbom.os.version,
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

function relationship(from: string, type: string, to: string): unknown {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}
