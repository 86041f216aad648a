import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseChallenges } from '../../../src/adapters/registry/challenge.ts';

type Plain = { scheme: string; token68: string | null; params: Record<string, string> };
const parse = (...values: string[]): Plain[] =>
  parseChallenges(values).map(({ scheme, token68, params }) => ({
    scheme,
    token68,
    params: Object.fromEntries(params),
  }));
const challenge = (
  scheme: string,
  params: Record<string, string> = {},
  token68: string | null = null,
): Plain => ({
  scheme,
  token68,
  params,
});

const cases: readonly (readonly [header: string, expected: Plain[]])[] = [
  ['', []],
  [' , ,', []],
  ['Basic', [challenge('basic')]],
  ['Basic realm="a b"', [challenge('basic', { realm: 'a b' })]],
  ['NTLM, Basic realm=x', [challenge('ntlm'), challenge('basic', { realm: 'x' })]],
  ['Negotiate abc+/=, Basic', [challenge('negotiate', {}, 'abc+/='), challenge('basic')]],
  // RFC 9110, section 11.6.1.
  [
    'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
    [
      challenge('basic', { realm: 'simple' }),
      challenge('newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }),
    ],
  ],
  [
    'Bearer realm="r",service="s",scope="a:b:c d:e:f"',
    [challenge('bearer', { realm: 'r', service: 's', scope: 'a:b:c d:e:f' })],
  ],
  ['Bearer  realm = "r" , service="s"', [challenge('bearer', { realm: 'r', service: 's' })]],
  [
    'Bearer realm=https://a/b?c=d,service=s',
    [challenge('bearer', { realm: 'https://a/b?c=d', service: 's' })],
  ],
  ['Bearer REALM="1",realm="2"', [challenge('bearer', { realm: '1' })]],
  ['Bearer realm="a, Basic realm=b"', [challenge('bearer', { realm: 'a, Basic realm=b' })]],
  ['Bearer realm="open', [challenge('bearer')]],
  ['Bearer realm="a"x,service=s', [challenge('bearer', { realm: 'a', service: 's' })]],
  ['Bearer realm=', [challenge('bearer', {}, 'realm=')]],
  ['realm="x"', [challenge('realm')]],
  ['Bearer ,realm="x"', [challenge('bearer', { realm: 'x' })]],
];

it.each(cases)('%s', (header, expected) => {
  expect(parse(header)).toEqual(expected);
});

it('joins several headers', () => {
  expect(parse('Basic realm=a', 'Bearer realm=b').map(({ scheme }) => scheme)).toEqual(['basic', 'bearer']);
});

it('reads back whatever is written by the grammar', () => {
  const tchar = fc.constantFrom(..."abzAZ019!#$%&'*+-.^_`|~");
  const token = fc.string({ unit: tchar, minLength: 1, maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom(...'ab ,="\\:/é'), maxLength: 12 });
  const quoted = text.map((value) => [`"${value.replace(/["\\]/g, (c) => `\\${c}`)}"`, value] as const);
  const bare = token.map((value) => [value, value] as const);
  const blank = fc.constantFrom('', ' ', '\t ');
  const param = fc.record({ name: token, value: fc.oneof(quoted, bare), before: blank, after: blank });
  const written = fc.record({
    scheme: token,
    params: fc.uniqueArray(param, { maxLength: 4, selector: ({ name }) => name.toLowerCase() }),
  });
  fc.assert(
    fc.property(fc.array(written, { maxLength: 4 }), (challenges) => {
      const header = challenges
        .map(({ scheme, params }) => {
          const list = params.map(({ name, value, before, after }) => `${name}${before}=${after}${value[0]}`);
          return `${scheme} ${list.join(', ')}`;
        })
        .join(', ');
      const expected = challenges.map(({ scheme, params }) =>
        challenge(
          scheme.toLowerCase(),
          Object.fromEntries(params.map(({ name, value }) => [name.toLowerCase(), value[1]])),
        ),
      );
      expect(parse(header)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

it('survives anything', () => {
  const unit = fc.constantFrom(...'Bearer ="\\,\t\u0000é;<>');
  fc.assert(
    fc.property(fc.array(fc.string({ unit, maxLength: 60 }), { maxLength: 3 }), (values) => {
      for (const { scheme, params } of parseChallenges(values)) {
        expect(scheme).not.toBe('');
        for (const value of params.values()) expect(typeof value).toBe('string');
      }
    }),
    { numRuns: 500 },
  );
});

it('ignores a header without measure', () => {
  expect(parse(`Basic realm="${'x'.repeat(20_000)}"`)).toEqual([]);
  expect(parse('Basic, '.repeat(2000)).length).toBeLessThanOrEqual(32);
});
