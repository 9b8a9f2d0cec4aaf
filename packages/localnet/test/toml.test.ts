import test from 'ava';

import { setToml } from '../src/toml.js';

const text = `# laddr = "commented"
chain-id = ""
[rpc]
# An address
laddr = "tcp://127.0.0.1:26657" # here
[p2p]
laddr = "tcp://0.0.0.0:26656"
pex = true
[[p2p.libp2p.scaler.overrides]]
pex = true
`;

test('a key gets another value in its own section alone', (t) => {
  const changed = setToml(text, ['p2p', 'laddr', 'tcp://127.0.0.1:1']);
  t.is(changed, text.replace('tcp://0.0.0.0:26656', 'tcp://127.0.0.1:1'));
  t.is(
    setToml(text, ['p2p', 'pex', false]),
    text.replace('pex = true', 'pex = false'),
  );
});

test('keys before any section are those of the section without a name', (t) => {
  t.is(
    setToml(text, ['', 'chain-id', 'a"b']),
    text.replace('chain-id = ""', 'chain-id = "a\\"b"'),
  );
});

test('a key that is not there is named', (t) => {
  t.throws(() => setToml(text, ['rpc', 'pex', false]), {
    message: 'no pex in [rpc]',
  });
});
