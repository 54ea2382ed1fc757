"""Keys and envelopes: the only room that holds key material and turns sealed rows into plaintext."""
