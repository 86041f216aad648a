import type { OsRelease } from '../sbom/sbom.ts';

/** The last day of free security support by distribution and release, `YYYY-MM-DD`. From the distributions' own pages. */
const END_OF_LIFE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // wiki.debian.org/LTS
  debian: {
    '8': '2020-06-30',
    '9': '2022-06-30',
    '10': '2024-06-30',
    '11': '2026-08-31',
    '12': '2028-06-30',
    '13': '2030-06-30',
  },
  // ubuntu.com/about/release-cycle, standard support
  ubuntu: {
    '16.04': '2021-04-30',
    '18.04': '2023-05-31',
    '20.04': '2025-05-31',
    '22.04': '2027-04-30',
    '23.10': '2024-07-11',
    '24.04': '2029-04-30',
    '24.10': '2025-07-10',
    '25.04': '2026-01-15',
  },
  // alpinelinux.org/releases
  alpine: {
    '3.12': '2022-05-01',
    '3.13': '2022-11-01',
    '3.14': '2023-05-01',
    '3.15': '2023-11-01',
    '3.16': '2024-05-23',
    '3.17': '2024-11-22',
    '3.18': '2025-05-09',
    '3.19': '2025-11-01',
    '3.20': '2026-04-01',
    '3.21': '2026-11-01',
    '3.22': '2027-05-01',
  },
  rhel: { '6': '2020-11-30', '7': '2024-06-30', '8': '2029-05-31', '9': '2032-05-31', '10': '2035-05-31' },
  centos: { '6': '2020-11-30', '7': '2024-06-30', '8': '2021-12-31' },
  rocky: { '8': '2029-05-31', '9': '2032-05-31', '10': '2035-05-31' },
  almalinux: { '8': '2029-03-01', '9': '2032-05-31', '10': '2035-05-31' },
  amzn: { '1': '2023-12-31', '2': '2026-06-30', '2023': '2029-06-30' },
  'opensuse-leap': { '15.4': '2023-12-07', '15.5': '2024-12-31', '15.6': '2026-04-30' },
};

const SAME_AS: ReadonlyMap<string, string> = new Map([
  ['redhat', 'rhel'],
  ['alma', 'almalinux'],
  ['amazon', 'amzn'],
]);

/** The last day of a release's free security support, or null where it is not known here. */
export function endOfLife(os: OsRelease): string | null {
  const releases = END_OF_LIFE[SAME_AS.get(os.id) ?? os.id];
  if (releases === undefined) return null;
  const [major = '', minor = ''] = os.version.split('.');
  return releases[`${major}.${minor}`] ?? releases[major] ?? null;
}
