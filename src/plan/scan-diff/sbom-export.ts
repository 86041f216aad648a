import type { PlatformScanDiff, ScanDiffFact } from '../../assess/diff/scan-diff.ts';
import { majorityOs } from '../../assess/sbom/make-package.ts';
import type { Sbom } from '../../assess/sbom/sbom.ts';
import { writeCycloneDx } from '../../assess/sbom/write-cyclonedx.ts';
import { writeSpdx } from '../../assess/sbom/write-spdx.ts';
import { familiarName } from '../../domain/image-reference.ts';
import { platformKey } from '../../domain/platform.ts';

export type SbomFormat = 'cyclonedx' | 'spdx';

/** A file to offer for download: its name, media type and text. */
export type SbomFile = {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
};

/**
 * The list of packages of the new image on one platform as an SBOM; null where its packages are not known. `created` is
 * the moment written into an SPDX document. Equal input gives equal text.
 */
export function exportSbom(
  fact: ScanDiffFact,
  platform: PlatformScanDiff,
  format: SbomFormat,
  created: Date,
): SbomFile | null {
  const { packages } = platform.after;
  if (packages === null || packages.length === 0) return null;
  const listed = packages.map((item) => ({ ...item, source: null, location: null }));
  const sbom: Sbom = { format, os: majorityOs(listed), packages: listed };
  const subject = {
    name: `${familiarName(fact.image)}${fact.tag === null ? '' : `:${fact.tag}`}`,
    digest: platform.to,
  };
  const stem = [
    familiarName(fact.image),
    fact.tag,
    platform.platform === null ? null : platformKey(platform.platform),
  ]
    .filter((part) => part !== null)
    .join('-')
    .replace(/[^A-Za-z0-9._-]+/g, '-');
  return format === 'cyclonedx'
    ? {
        name: `${stem}.cdx.json`,
        mediaType: 'application/vnd.cyclonedx+json',
        text: writeCycloneDx(sbom, subject),
      }
    : {
        name: `${stem}.spdx.json`,
        mediaType: 'application/spdx+json',
        text: writeSpdx(sbom, { ...subject, created }),
      };
}
