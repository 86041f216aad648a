import * as v from 'valibot';

/** The parts of GitHub's webhook payloads that are read; everything else is left alone. The signature was checked before. */

const login = v.object({ login: v.string() });
const account = v.object({
  login: v.string(),
  id: v.optional(v.number(), 0),
  type: v.optional(v.string(), 'User'),
});
const repository = v.object({
  name: v.string(),
  owner: login,
  default_branch: v.optional(v.string(), ''),
  archived: v.optional(v.boolean(), false),
});
const installation = v.optional(v.nullable(v.object({ id: v.number() })), null);
const listed = v.array(v.object({ full_name: v.string() }));
const paths = v.optional(v.nullable(v.array(v.string())), []);
const was = v.object({ from: v.optional(v.unknown()) });

const common = { installation, repository, sender: account };

export const installationPayload = v.object({
  action: v.string(),
  installation: v.object({ id: v.number() }),
  repositories: v.optional(v.nullable(listed), []),
});

export const installationRepositoriesPayload = v.object({
  action: v.string(),
  installation: v.object({ id: v.number() }),
  repositories_added: listed,
});

export const pushPayload = v.object({
  installation,
  repository: v.object({
    ...repository.entries,
    owner: v.object({ login: v.optional(v.string()), name: v.optional(v.string()) }),
  }),
  ref: v.string(),
  deleted: v.optional(v.boolean(), false),
  created: v.optional(v.boolean(), false),
  forced: v.optional(v.boolean(), false),
  commits: v.optional(v.array(v.object({ added: paths, removed: paths, modified: paths })), []),
});

export const pullRequestPayload = v.object({
  ...common,
  action: v.string(),
  pull_request: v.object({ number: v.number(), head: v.object({ ref: v.string() }) }),
  changes: v.optional(v.object({ body: v.optional(was), base: v.optional(v.unknown()) }), {}),
});

export const issueCommentPayload = v.object({
  ...common,
  action: v.string(),
  issue: v.object({ number: v.number(), pull_request: v.optional(v.unknown()) }),
  comment: v.object({
    id: v.number(),
    body: v.optional(v.nullable(v.string()), ''),
    user: v.nullable(account),
  }),
});

export const issuesPayload = v.object({
  ...common,
  action: v.string(),
  issue: v.object({ number: v.number(), body: v.optional(v.nullable(v.string()), '') }),
  changes: v.optional(v.object({ body: v.optional(was) }), {}),
});

export const checkRunPayload = v.object({
  ...common,
  action: v.string(),
  check_run: v.object({
    pull_requests: v.optional(v.array(v.object({ number: v.number() })), []),
  }),
});

export const mergeGroupPayload = v.object({
  installation,
  repository,
  action: v.string(),
  merge_group: v.object({ head_ref: v.string() }),
});

export const repositoryPayload = v.object({
  ...common,
  action: v.string(),
  changes: v.optional(v.object({ default_branch: v.optional(v.unknown()) }), {}),
});
