import type { ImagePattern } from '../domain/image-glob.ts';
import type { PathPattern } from '../domain/path-glob.ts';

/** What publishing wants to know of the configuration. `RepositoryConfig` (`config/repository.ts`) is one. */
export type PublishSettings = {
  readonly groups: GroupSettings;
  readonly images: readonly {
    readonly match: readonly ImagePattern[];
    readonly group?: string | undefined;
  }[];
  readonly pullRequests: {
    readonly labels: readonly string[];
    /** Users, and teams as `organisation/team`. */
    readonly reviewers: readonly string[];
    readonly assignees: readonly string[];
    /** Open at once, and opened within an hour; 0: no limit. */
    readonly limit: number;
    readonly perHour: number;
    readonly draft: boolean;
    readonly automerge: false | 'merge' | 'squash' | 'rebase';
    readonly title: string | null;
    readonly commitPrefix: string;
    readonly signOff: boolean;
  };
  /** Whether findings go to code scanning, and SBOMs are kept for download. */
  readonly scan: { readonly sarif: boolean; readonly sbom: boolean };
  readonly dashboard: {
    readonly enabled: boolean;
    readonly title: string;
    readonly labels: readonly string[];
  };
};

export type GroupSettings = {
  readonly by: 'all' | 'image' | 'directory';
  readonly named: readonly {
    readonly name: string;
    readonly images: readonly ImagePattern[];
    readonly files: readonly PathPattern[];
  }[];
};
