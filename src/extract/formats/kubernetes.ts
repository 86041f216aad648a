import type { FormatExtractor } from '../format.ts';
import { readEmbeddedYaml } from '../readers/embedded-yaml.ts';
import type { MapNode } from '../readers/node.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith, readWantedDocuments } from './common/documents.ts';
import { imagesInValues } from './common/helm-images.ts';
import { addKustomizeImages, addKustomizeTexts } from './common/kustomize-images.ts';
import { addManifestImages, isManifest } from './common/manifest-images.ts';
import { isManifestPath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';

/** Documents of these groups are other formats' business. */
const OTHERS = /^(?:(?:[a-z]+\.)*tekton\.dev|argoproj\.io|kustomize\.config\.k8s\.io|skaffold|config\.kio\.)/;

const ARTEFACT = 'an OCI artefact is not an image to run: its contents cannot be assessed';

/** Blocks without such a word hold no image, nothing that names one and no command that builds one. */
const OF_INTEREST = /image|oci:|package|@sha256:|build-arg|buildah|podman|docker|nerdctl/i;

/** What the cluster writes. */
const PASSED_KEYS: ReadonlySet<string> = new Set(['status', 'managedFields']);

/**
 * Kubernetes manifests: every document with `apiVersion` and `kind`. Images in pod templates, init and ephemeral
 * containers, image volumes, lists, and custom resources, by their `image:` keys; values of Flux's HelmReleases and
 * images of Flux's Kustomizations.
 */
export const kubernetes: FormatExtractor<'kubernetes'> = {
  format: 'kubernetes',
  docs: {
    files: 'any `.yaml` or `.yml` with `apiVersion` and `kind`',
    finds:
      "`image` in every kind, lists, several documents, image volumes, custom resources (`image`, `imageName`, `…Image`), OpenShift's `DockerImage`, images in environment variables and in flags (`--reloader-image=…`, pinned ones), manifests inside ConfigMaps; packages of Crossplane; values of Flux HelmReleases and k3s HelmCharts, images of Flux Kustomizations",
  },
  byContent: true,
  matchesPath: isManifestPath,
  mayHold: mayHoldManifest,
  extract: (file) =>
    extractWith(
      file,
      'kubernetes',
      (text, budget) => readWantedDocuments(text, budget, mayHoldManifest, OF_INTEREST),
      (collector, document) => {
        if (document.kind === 'map' && isManifest(document)) manifest(collector, document);
      },
    ),
};

function mayHoldManifest(text: string): boolean {
  return (
    text.includes('apiVersion') && text.includes('kind') && /image|oci:\/\/|pkg\.crossplane\.io/i.test(text)
  );
}

function manifest(collector: SiteCollector, document: MapNode): void {
  const group = document.value('apiVersion') ?? '';
  if (OTHERS.test(group)) return;
  const spec = document.map('spec');
  if (group.startsWith('helm.toolkit.fluxcd.io/') && spec !== undefined) {
    const values = spec.map('values');
    if (values !== undefined) imagesInValues(collector, values);
    for (const renderer of spec.list('postRenderers')) {
      const kustomize = renderer.kind === 'map' ? renderer.map('kustomize') : undefined;
      if (kustomize !== undefined) addKustomizeImages(collector, kustomize);
    }
    return;
  }
  if (group.startsWith('kustomize.toolkit.fluxcd.io/') && spec !== undefined) {
    addKustomizeImages(collector, spec);
    return;
  }
  const content = group.startsWith('helm.cattle.io/') ? spec?.text('valuesContent') : undefined;
  if (content !== undefined) {
    for (const values of readEmbeddedYaml(content, collector.budget)) imagesInValues(collector, values);
  }
  const oci = group.startsWith('source.toolkit.fluxcd.io/') ? spec?.text('url') : undefined;
  if (oci?.text.value.startsWith('oci://')) {
    collector.skip(oci.text.value, oci.start, 'unsupported-spelling', ARTEFACT);
    return;
  }
  const bundle = group.startsWith('pkg.crossplane.io/') ? spec?.text('package') : undefined;
  if (bundle !== undefined) collector.image(bundle.text, { kind: 'image', invalid: 'ignore' }, bundle.start);
  addKustomizeTexts(collector, document);
  addManifestImages(collector, document);
  addPinnedTexts(collector, document, PASSED_KEYS);
}
