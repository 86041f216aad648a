import { describe, expect, it } from 'vitest';
import { readXml } from '../../../src/extract/readers/xml.ts';
import { misplaced, plainValue } from './plain-value.ts';

describe('readXml', () => {
  it.each([
    ['elements', '<a><b>c</b><d> e </d></a>', { a: { b: 'c', d: ' e ' } }],
    [
      'attributes and prologue',
      '\ufeff<?xml version="1.0"?>\r\n<!DOCTYPE a>\r\n<a x="1>2" y=\'>\'><b>c</b></a>',
      { a: { b: 'c' } },
    ],
    ['comments', '<!-- <a>x</a> --><a><!-- </a> --><b>c</b></a>', { a: { b: 'c' } }],
    ['empty elements', '<a><b/><c x="/"/><d></d></a>', { a: { b: '', c: '', d: '' } }],
    ['CDATA', '<a><![CDATA[<b>]]></a>', { a: '<b>' }],
    ['entities', '<a>x &amp; y &unknown; &lt;</a>', { a: 'x & y &unknown; <' }],
    ['a comment inside a text', '<a>b<!-- c -->d</a>', { a: 'bd' }],
  ])('%s', (_name, text, expected) => {
    const { documents, faults } = readXml(text);
    expect(faults).toEqual([]);
    expect(documents.map(plainValue)).toEqual([expected]);
    for (const document of documents) expect(misplaced(text, document)).toEqual([]);
  });

  it.each([
    ['no end', '<a><b>c</b>', { a: { b: 'c' } }],
    ['a wrong end', '<a><b>c</d></b></a>', { a: { b: 'c' } }],
    ['an end alone', '</x><a>b</a>', { a: 'b' }],
  ])('reads on after %s', (_name, text, expected) => {
    const { documents, faults } = readXml(text);
    expect(faults.map(({ code }) => code)).toEqual(['syntax']);
    expect(documents.map(plainValue)).toEqual([expected]);
  });

  it('refuses deep nesting', () => {
    expect(readXml('<a>'.repeat(200)).faults.map(({ code }) => code)).toEqual(['too-deep']);
  });
});
