package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// importInstallations sets the pending bundles of a genesis.
func (k *Keeper) importInstallations(ctx context.Context, installs []*types.PendingInstallation) error {
	for _, install := range installs {
		entry := *install
		entry.Chunks = nil
		if err := k.pending.installs.Set(ctx, install.ChunkedArtifactId, entry); err != nil {
			return err
		}
		for i, data := range install.Chunks {
			if len(data) == 0 {
				continue
			}
			if err := k.pending.data.Set(ctx, collections.Join(install.ChunkedArtifactId, uint64(i)), data); err != nil {
				return err
			}
		}
	}
	return k.noteEnds(ctx)
}

// exportInstallations returns the pending bundles with the chunks that have
// arrived.
func (k *Keeper) exportInstallations(ctx context.Context) ([]*types.PendingInstallation, error) {
	installs := []*types.PendingInstallation{}
	err := k.pending.installs.Walk(ctx, nil, func(id uint64, install types.PendingInstallation) (bool, error) {
		install.Chunks = make([][]byte, len(install.Message.ChunkedArtifact.Chunks))
		for i := range install.Chunks {
			data, err := k.pending.data.Get(ctx, collections.Join(id, uint64(i)))
			if err != nil && !errors.Is(err, collections.ErrNotFound) {
				return true, err
			}
			install.Chunks[i] = data
		}
		installs = append(installs, &install)
		return false, nil
	})
	return installs, err
}

// Migrate2to3 gives the parameters the limits of bundles.
func (k *Keeper) Migrate2to3(ctx context.Context) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	return k.SetParams(ctx, params.Completed())
}
