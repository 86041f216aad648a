import { compareText } from '../../domain/text.ts';
import { purlWithoutVersion } from '../sbom/purl.ts';
import type { Package } from '../scan.ts';
import { comparePackageVersions, versionMove } from '../version/compare-version.ts';
import type { PackageChange, PackageDiff } from './scan-diff.ts';

/**
 * What a move does to the packages. A package is its purl without version (else type and name); of a package installed
 * in several versions, those that went are paired with those that came in the order of their versions. Pure.
 */
export function diffPackages(before: readonly Package[], after: readonly Package[]): PackageDiff {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  const added: Package[] = [];
  const removed: Package[] = [];
  const changed: PackageChange[] = [];
  let unchanged = 0;
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(key) ?? new Map(), now.get(key) ?? new Map()];
    const gone = inOrder([...was].filter(([version]) => !is.has(version)).map(([, item]) => item));
    const came = inOrder([...is].filter(([version]) => !was.has(version)).map(([, item]) => item));
    unchanged += is.size - came.length;
    const pairs = Math.min(gone.length, came.length);
    for (let i = 0; i < pairs; i++) {
      const [from, to] = [gone[i], came[i]];
      if (from !== undefined && to !== undefined) changed.push(change(from, to));
    }
    removed.push(...gone.slice(pairs));
    added.push(...came.slice(pairs));
  }
  return {
    added: added.sort(comparePackages),
    removed: removed.sort(comparePackages),
    changed: changed.sort(comparePackages),
    unchanged,
  };
}

function change(from: Package, to: Package): PackageChange {
  const move = versionMove(to.type, from.version, to.version);
  return { name: to.name, type: to.type, from: from.version, to: to.version, move };
}

/** Packages by identity, then by version. */
function byIdentity(packages: readonly Package[]): ReadonlyMap<string, Map<string, Package>> {
  const map = new Map<string, Map<string, Package>>();
  for (const item of packages) {
    const key = purlWithoutVersion(item.purl) || `${item.type}/${item.name}`;
    const versions = map.get(key) ?? new Map<string, Package>();
    if (!versions.has(item.version)) versions.set(item.version, item);
    map.set(key, versions);
  }
  return map;
}

function inOrder(packages: readonly Package[]): readonly Package[] {
  return packages.toSorted(
    (a, b) => comparePackageVersions(a.type, a.version, b.version) ?? compareText(a.version, b.version),
  );
}

type Named = { readonly type: string; readonly name: string };

function comparePackages(a: Named, b: Named): number {
  return compareText(a.type, b.type) || compareText(a.name, b.name);
}
