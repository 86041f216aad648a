import type { FormatExtractor } from '../format.ts';
import { MAVEN } from '../interpolation/dialects.ts';
import { follow, valuesOf } from '../interpolation/interpolate.ts';
import { part } from '../readers/mapped-text.ts';
import type { MapNode, TextNode } from '../readers/node.ts';
import { readXml } from '../readers/xml.ts';
import type { SiteCollector } from './common/collector.ts';
import { eachMap, extractWith } from './common/documents.ts';
import { JIB_PREFIX } from './common/jib.ts';

/**
 * Maven builds: `from.image` of the Jib plugin, and builder and run image of the Spring Boot plugin, followed through
 * `properties` of the same file; also the user properties that stand for them.
 */
export const jibMaven: FormatExtractor<'jib-maven'> = {
  format: 'jib-maven',
  docs: {
    files: '`pom.xml`, `*.pom`',
    finds: '`jib.from.image`; builder and run image of Spring Boot',
  },
  byContent: true,
  matchesPath: (path) => /(?:^|\/)(?:pom|[^/]+\.pom)\.xml$|\.pom$/.test(path),
  mayHold: (text) => text.includes('jib') || text.includes('spring-boot'),
  extract: (file) =>
    extractWith(file, 'jib-maven', readXml, (collector, root) => {
      const project = root.kind === 'map' ? root.map('project') : undefined;
      if (project !== undefined) new Pom(collector, project).read();
    }),
};

class Pom {
  readonly #collector: SiteCollector;
  readonly #project: MapNode;
  readonly #properties = new Map<string, TextNode>();

  constructor(collector: SiteCollector, project: MapNode) {
    this.#collector = collector;
    this.#project = project;
    eachMap(project, (map) => {
      for (const { key, value } of map.map('properties')?.entries ?? []) {
        if (value.kind === 'text') this.#properties.set(key.text.value, value);
      }
      return 'into';
    });
  }

  read(): void {
    eachMap(this.#project, (map) => {
      const plugin = map.value('artifactId')?.trim();
      if (plugin === 'jib-maven-plugin') eachConfiguration(map, (one) => this.#jib(one));
      else if (plugin === 'spring-boot-maven-plugin') eachConfiguration(map, (one) => this.#springBoot(one));
      return 'into';
    });
    const jib = this.#properties.get('jib.from.image');
    if (jib !== undefined) this.#image(jib, 'image');
    const builder = this.#properties.get('spring-boot.build-image.builder');
    if (builder !== undefined) this.#image(builder, 'builder');
    const run = this.#properties.get('spring-boot.build-image.runImage');
    if (run !== undefined) this.#image(run, 'image');
  }

  #jib(configuration: MapNode): void {
    const image = configuration.map('from')?.text('image') ?? configuration.text('from');
    if (image !== undefined) this.#image(image, 'image');
  }

  #springBoot(configuration: MapNode): void {
    const image = configuration.map('image');
    const [builder, run] = [image?.text('builder'), image?.text('runImage')];
    if (builder !== undefined) this.#image(builder, 'builder');
    if (run !== undefined) this.#image(run, 'image');
  }

  #image(node: TextNode, kind: 'image' | 'builder'): void {
    const scope = valuesOf((name) => this.#properties.get(name)?.text);
    const [found] = follow(node.text, MAVEN, scope, this.#collector.budget);
    if (found === undefined) return;
    const { text, holder: name } = found;
    const prefix = JIB_PREFIX.exec(text.value)?.[0].length ?? 0;
    if (text.value.startsWith('tar://')) return;
    if (text.value.includes('${')) {
      const detail = 'its properties are not set in this file: pin the image where they are set';
      this.#collector.skip(text.value, node.start, 'unresolvable-variable', detail);
      return;
    }
    this.#collector.image(part(text, prefix, text.value.length), { kind, name }, node.start);
  }
}

/** Calls `take` with the plugin's configuration and those of its executions. */
function eachConfiguration(plugin: MapNode, take: (configuration: MapNode) => void): void {
  const own = plugin.map('configuration');
  if (own !== undefined) take(own);
  for (const { value } of plugin.map('executions')?.entries ?? []) {
    const configuration = value.kind === 'map' ? value.map('configuration') : undefined;
    if (configuration !== undefined) take(configuration);
  }
}
