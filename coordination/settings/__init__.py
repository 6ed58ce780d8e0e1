"""Settings by purpose: `base` reads the environment; `dev`, `test` and `prod` state only what differs."""
