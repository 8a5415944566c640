"""Questions over the store. Services read `store.protocol.Store` and answer with values that know `to_json()`."""
