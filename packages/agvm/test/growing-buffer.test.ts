import test from 'ava';

/** Stands for `@endo/zip`'s module; counts what costs a copy. */
const plain = `
  export class BufferWriter {
    static copies = [];
    ensureCanSeek(required) { BufferWriter.copies.push(required); }
  }`;

test('the buffer of an archive is copied only when it grows', async (t) => {
  const real = `data:text/javascript,${encodeURIComponent(plain)}`;
  const url = new URL('../src/growing-buffer.js', import.meta.url);
  url.searchParams.set('real', real);
  const { BufferWriter } = (await import(
    url.href
  )) as typeof import('../src/growing-buffer.js');
  const { BufferWriter: Plain } = (await import(real)) as {
    BufferWriter: { copies: number[] };
  };
  const writer = new BufferWriter();
  for (let size = 0; size <= 1000; size += 1) writer.ensureCanSeek(size);
  t.deepEqual(Plain.copies, [17, 33, 65, 129, 257, 513]);
  writer.ensureCanSeek(1_000_000);
  writer.ensureCanSeek(1_048_576);
  t.is(Plain.copies.length, 7);
});
