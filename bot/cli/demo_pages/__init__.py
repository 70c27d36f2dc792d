"""The demo's windows into its simulated platforms: a phone, a Feishu chat, what only arrives. ``run`` has none."""
