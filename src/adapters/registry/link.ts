/**
 * The target of the `Link` header's `rel="next"` (RFC 8288), resolved against the URL it came with; null where there
 * is none. `'foreign'` where it leads to another host: credentials and trust do not follow it. A link that differs in
 * the scheme only, as proxies in front of a registry cause, stays at our origin. Pure, linear.
 */
export function nextPage(values: readonly string[], from: URL): URL | 'foreign' | null {
  for (const value of values) {
    for (const { target, rel } of links(value)) {
      if (!rel.includes('next')) continue;
      const url = URL.parse(target, from.href);
      if (url === null) return 'foreign';
      if (url.origin === from.origin) return url;
      if (url.hostname !== from.hostname || !(url.port === from.port || url.port === '')) return 'foreign';
      return new URL(`${url.pathname}${url.search}`, from.origin);
    }
  }
  return null;
}

type Link = { readonly target: string; readonly rel: readonly string[] };

const MAX_CHARACTERS = 16 * 1024;

function links(value: string): Link[] {
  const found: Link[] = [];
  if (value.length > MAX_CHARACTERS) return found;
  let at = value.indexOf('<');
  while (at >= 0) {
    const close = value.indexOf('>', at);
    if (close < 0) break;
    const end = endOfLink(value, close + 1);
    found.push({ target: value.slice(at + 1, close), rel: relOf(value.slice(close + 1, end)) });
    at = value.indexOf('<', end);
  }
  return found;
}

/** Where the comma after a link's parameters is, quotes respected. */
function endOfLink(value: string, from: number): number {
  let quoted = false;
  for (let i = from; i < value.length; i++) {
    if (value[i] === '"') quoted = !quoted;
    else if (value[i] === '\\' && quoted) i++;
    else if (value[i] === ',' && !quoted) return i;
  }
  return value.length;
}

function relOf(parameters: string): string[] {
  for (const parameter of parameters.split(';')) {
    const equals = parameter.indexOf('=');
    if (equals < 0 || parameter.slice(0, equals).trim().toLowerCase() !== 'rel') continue;
    const text = parameter.slice(equals + 1).trim();
    const bare = text.startsWith('"') ? text.slice(1, text.endsWith('"') ? -1 : undefined) : text;
    return bare.toLowerCase().split(/\s+/);
  }
  return [];
}
