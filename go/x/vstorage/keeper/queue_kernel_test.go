package keeper

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/x/internal/kerneltest"
)

func TestKernelConsumesTheQueue(t *testing.T) {
	k, ctx := newKeeper(t)
	for _, item := range []string{`{"n":1}`, `{"n":2}`, `{"n":3}`} {
		require.NoError(t, k.PushQueueItem(ctx, "actionQueue", item))
	}
	entries, err := k.Entries(ctx, "actionQueue")
	require.NoError(t, err)
	stored, err := json.Marshal(entries)
	require.NoError(t, err)

	got := kerneltest.Run(t, `
		import { readFileSync } from 'node:fs';
		const { makeQueue, makeQueueStorageMock } = await import('@agoric/cosmic-swingset/src/helpers/make-queue.js');
		const { storage, dump } = makeQueueStorageMock(Object.fromEntries(JSON.parse(readFileSync(0, 'utf8'))));
		const queue = makeQueue(storage);
		const size = queue.size();
		const items = [];
		for (const item of queue.consumeAll()) {
			items.push(item);
			if (items.length === 2) break;
		}
		console.log(JSON.stringify({ size, items, left: dump() }));
	`, string(stored))
	require.JSONEq(t, `{"size":3,"items":[{"n":1},{"n":2}],"left":{"head":"2","tail":"3","2":"{\"n\":3}"}}`, got)
}
