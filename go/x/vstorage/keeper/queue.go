package keeper

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// The kernel's inbound queues are paths (cosmic-swingset's
// src/helpers/make-queue.js): <queue>.head is the index of the first item,
// <queue>.tail the index past the last one, both decimal and absent when 0,
// and <queue>.<index> an item. The chain appends, the kernel consumes.

// PushQueueItem appends an item to the queue at queuePath.
func (k Keeper) PushQueueItem(ctx context.Context, queuePath, item string) error {
	tailPath := queuePath + ".tail"
	tail, err := k.queueIndex(ctx, tailPath)
	if err != nil {
		return err
	}
	if tail == math.MaxUint64 {
		return fmt.Errorf("queue %s overflows", queuePath)
	}
	itemPath := queuePath + types.PathSeparator + strconv.FormatUint(tail, 10)
	if err := k.SetWithoutNotify(ctx, types.NewEntry(itemPath, item)); err != nil {
		return err
	}
	return k.SetWithoutNotify(ctx, types.NewEntry(tailPath, strconv.FormatUint(tail+1, 10)))
}

// QueueLength returns the number of items in the queue at queuePath.
func (k Keeper) QueueLength(ctx context.Context, queuePath string) (uint64, error) {
	head, err := k.queueIndex(ctx, queuePath+".head")
	if err != nil {
		return 0, err
	}
	tail, err := k.queueIndex(ctx, queuePath+".tail")
	if err != nil {
		return 0, err
	}
	if head > tail {
		return 0, fmt.Errorf("queue %s: head %d is past tail %d", queuePath, head, tail)
	}
	return tail - head, nil
}

func (k Keeper) queueIndex(ctx context.Context, path string) (uint64, error) {
	value, found, err := k.Get(ctx, path)
	if err != nil || !found {
		return 0, err
	}
	index, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: not an index: %q", path, value)
	}
	return index, nil
}
