import { createHash } from 'node:crypto';
import { trivyFamily } from './complete-sbom.ts';
import { formatPurl, parsePurl } from './purl.ts';
import { OS_PACKAGE_TYPES, type Sbom, type SbomPackage } from './sbom.ts';

type Property = { readonly name: string; readonly value: string };

/**
 * The SBOM as a CycloneDX 1.6 JSON document that Trivy, Grype and others read alike: the distribution as a component,
 * source packages in both tools' own words. `subject` names the image. Equal input gives equal text.
 */
export function writeCycloneDx(
  sbom: Sbom,
  subject: { readonly name: string; readonly digest: string },
): string {
  const components = sbom.packages.map((item, index) => component(item, index, sbom));
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(subject.digest)}`,
    version: 1,
    metadata: {
      component: { 'bom-ref': 'image', type: 'container', name: subject.name, version: subject.digest },
    },
    components: [...osComponent(sbom), ...components],
  };
  return JSON.stringify(document);
}

function osComponent(sbom: Sbom): readonly unknown[] {
  if (sbom.os === null) return [];
  const family = trivyFamily(sbom.os);
  return [
    {
      'bom-ref': 'os',
      type: 'operating-system',
      name: family,
      version: sbom.os.version,
      properties: [
        { name: 'aquasecurity:trivy:Class', value: 'os-pkgs' },
        { name: 'aquasecurity:trivy:Type', value: family },
        { name: 'syft:distro:id', value: sbom.os.id },
        { name: 'syft:distro:versionID', value: sbom.os.version },
      ],
    },
  ];
}

function component(item: SbomPackage, index: number, sbom: Sbom): unknown {
  const properties = propertiesOf(item);
  return {
    'bom-ref': `p${index}`,
    type: 'library',
    ...nameOf(item),
    version: item.version,
    purl: purlOf(item, sbom),
    ...(properties.length === 0 ? {} : { properties }),
  };
}

/** Scanners put group and name together again; Maven and scoped npm packages need the group. */
function nameOf(item: SbomPackage): { readonly name: string; readonly group?: string } {
  const purl = parsePurl(item.purl);
  if (purl === null || OS_PACKAGE_TYPES.has(item.type) || purl.namespace === null) return { name: item.name };
  return { group: purl.namespace, name: purl.name };
}

function propertiesOf(item: SbomPackage): readonly Property[] {
  const properties: Property[] = [];
  if (item.source !== null) {
    properties.push({ name: 'aquasecurity:trivy:SrcName', value: item.source.name });
    if (item.type !== 'rpm' && item.source.version !== null) {
      properties.push({ name: 'aquasecurity:trivy:SrcVersion', value: item.source.version });
    }
  }
  if (item.location !== null) {
    properties.push({ name: 'aquasecurity:trivy:FilePath', value: item.location.replace(/^\/+/, '') });
    properties.push({ name: 'syft:location:0:path', value: item.location });
  }
  return properties;
}

function purlOf(item: SbomPackage, sbom: Sbom): string {
  const purl = parsePurl(item.purl);
  if (purl === null || sbom.os === null || !OS_PACKAGE_TYPES.has(item.type)) return item.purl;
  const upstream =
    item.source === null || purl.qualifiers['upstream'] !== undefined
      ? {}
      : {
          upstream:
            item.source.version === null ? item.source.name : `${item.source.name}@${item.source.version}`,
        };
  return formatPurl({
    ...purl,
    qualifiers: { ...purl.qualifiers, ...upstream, distro: `${sbom.os.id}-${sbom.os.version}` },
  });
}

/** A version 8 UUID (RFC 9562) of the digest: the same image gives the same document. */
function uuidOf(digest: string): string {
  const hex = createHash('sha256').update(digest).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
