import type { PublishSettings } from '../../src/pull-requests/settings.ts';

/** The defaults of the configuration as publishing sees them, with some of them changed. */
export function publishSettings(change: Partial<PublishSettings> = {}): PublishSettings {
  return {
    groups: { by: 'all', named: [] },
    images: [],
    pullRequests: {
      labels: ['dependencies', 'docker'],
      reviewers: [],
      assignees: [],
      limit: 10,
      perHour: 0,
      draft: false,
      automerge: false,
      title: null,
      commitPrefix: 'chore(images)',
      signOff: false,
    },
    scan: { sarif: true, sbom: false },
    dashboard: { enabled: true, title: 'Pinwheel dashboard', labels: [] },
    ...change,
  };
}
