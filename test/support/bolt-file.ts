/**
 * Writes a bbolt database file (go.etcd.io/bbolt, file format 2): enough for a program to read it. Every bucket is one
 * leaf page, with overflow pages where it is long.
 */

/** A bucket: texts are values, maps are nested buckets. */
export type BoltBucket = ReadonlyMap<string, string | BoltBucket>;

const PAGE = 4096;
const HEADER = 16;
const ELEMENT = 16;
const LEAF = 0x02;
const META = 0x04;
const FREELIST = 0x10;
const BUCKET_FLAG = 0x01;
const MAGIC = 0xed0cdaed;

/** The bytes of a database whose root holds `root`'s entries, which must be buckets. */
export function boltFile(root: BoltBucket): Buffer {
  const pages: Buffer[] = [Buffer.alloc(0), Buffer.alloc(0), page(2, FREELIST, 0, Buffer.alloc(0))];
  let next = 3;
  const store = (bucket: BoltBucket): number => {
    const entries = [...bucket].map(([key, value]) => ({
      key: Buffer.from(key),
      nested: typeof value !== 'string',
      value: typeof value === 'string' ? Buffer.from(value) : bucketHeader(store(value)),
    }));
    entries.sort((a, b) => Buffer.compare(a.key, b.key));
    const id = next;
    const bytes = page(id, LEAF, entries.length, leafBody(entries));
    pages.push(bytes);
    next += bytes.length / PAGE;
    return id;
  };
  const rootId = store(root);
  pages[0] = meta(0, rootId, next, 0n);
  pages[1] = meta(1, rootId, next, 1n);
  return Buffer.concat(pages);
}

type Entry = { readonly key: Buffer; readonly value: Buffer; readonly nested: boolean };

function leafBody(entries: readonly Entry[]): Buffer {
  const table = Buffer.alloc(entries.length * ELEMENT);
  const data: Buffer[] = [];
  let offset = table.length;
  for (const [i, entry] of entries.entries()) {
    const at = i * ELEMENT;
    table.writeUInt32LE(entry.nested ? BUCKET_FLAG : 0, at);
    table.writeUInt32LE(offset - at, at + 4);
    table.writeUInt32LE(entry.key.length, at + 8);
    table.writeUInt32LE(entry.value.length, at + 12);
    data.push(entry.key, entry.value);
    offset += entry.key.length + entry.value.length;
  }
  return Buffer.concat([table, ...data]);
}

function bucketHeader(rootPage: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeBigUInt64LE(BigInt(rootPage), 0);
  return header;
}

function page(id: number, flags: number, count: number, body: Buffer): Buffer {
  const pages = Math.max(1, Math.ceil((HEADER + body.length) / PAGE));
  const bytes = Buffer.alloc(pages * PAGE);
  bytes.writeBigUInt64LE(BigInt(id), 0);
  bytes.writeUInt16LE(flags, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(pages - 1, 12);
  body.copy(bytes, HEADER);
  return bytes;
}

function meta(id: number, root: number, highWater: number, transaction: bigint): Buffer {
  const body = Buffer.alloc(64);
  body.writeUInt32LE(MAGIC, 0);
  body.writeUInt32LE(2, 4);
  body.writeUInt32LE(PAGE, 8);
  body.writeBigUInt64LE(BigInt(root), 16);
  body.writeBigUInt64LE(2n, 32);
  body.writeBigUInt64LE(BigInt(highWater), 40);
  body.writeBigUInt64LE(transaction, 48);
  body.writeBigUInt64LE(fnv1a64(body.subarray(0, 56)), 56);
  return page(id, META, 0, body);
}

function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
